// A request that goes to the upstream each time and is never answered from the cache: reading or writing a call's annotation, what the
// setting `passthrough` allows, and a summary that is asked for in a way that only the upstream understands.
// Source: contract "Data listener"; Twilio Voice Insights, Call Annotation resource.
// Thread rule: values; the views live as long as the request's bytes.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/base/ids.hpp"
#include "core/request/families.hpp"
#include "core/request/head.hpp"
#include "core/request/route.hpp"
#include "core/request/summary_request.hpp"

namespace gateway {

enum class passthrough_method : std::uint8_t { get, head, post, options };

struct passthrough_request {
  passthrough_request(resource asked, passthrough_method how, std::optional<call_sid> about) : what(asked), method(how), call(about) {}

  resource what;
  passthrough_method method;
  std::optional<call_sid> call;           // absent if the path names none
  std::string_view path;                  // as the client wrote it: each resource has one spelling
  std::optional<std::string_view> query;  // as the client wrote it, with URI characters only; never for an annotation

  // The content of a POST. Personal data: it is sent to the upstream and nowhere else.
  std::string_view content;
  std::string_view content_type;

  [[nodiscard]] bool changes() const { return method == passthrough_method::post; }
};

// Checks whether the route is allowed, then method, content, identifier and query: the first check that fails names the fault.
// `where` is neither a summary nor none.
boost::system::result<passthrough_request, fault> parse_passthrough_request(const request_head& head, const route& where,
                                                                            const passthrough_set& allowed);

// The same for a summary, with the query as the client wrote it.
passthrough_request pass_through(const summary_request& asked, const request_head& head);

}  // namespace gateway
