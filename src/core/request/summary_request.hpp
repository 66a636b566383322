// The request that this gateway exists for: the call, the state of its summary, and the method.
// Source: contract "Data listener"; Twilio Voice Insights, Call Summary resource.
// Thread rule: values.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/base/ids.hpp"
#include "core/request/head.hpp"
#include "core/request/route.hpp"

namespace gateway {

// The values of ?ProcessingState=, absent included; state_names in summary_request.cpp has the same order.
enum class processing_state : std::uint8_t { absent, complete, partial, all };
inline constexpr std::size_t processing_state_count = 4;

// The state under which requests share one upstream call: an absent state means complete.
constexpr processing_state question(processing_state state) {
  return state == processing_state::complete ? processing_state::absent : state;
}

std::string_view name_of(processing_state state);  // "absent" for absent
std::optional<processing_state> parse_processing_state(std::string_view value);

enum class summary_method : std::uint8_t { get, head, options };

// What becomes of a parameter that a Summary does not have. passed_uncached: the query goes upstream as the client wrote it.
enum class unknown_parameters : std::uint8_t { refused, passed_uncached };

struct summary_request {
  call_sid call;
  processing_state state = processing_state::absent;
  summary_method method = summary_method::get;
  bool has_unknown = false;  // a parameter whose meaning only the upstream knows
};

// Method, content, route, identifier, query: the first check that fails names the fault.
// `where`: the resource that the head's path names.
boost::system::result<summary_request, fault> parse_summary_request(const route& where, const request_head& head,
                                                                    unknown_parameters others = unknown_parameters::refused);

// The only spelling that is sent to the upstream, however the client wrote the same question.
std::string summary_target(const call_sid& call, processing_state state);

}  // namespace gateway
