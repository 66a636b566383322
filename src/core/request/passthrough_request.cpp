#include "core/request/passthrough_request.hpp"

#include <cassert>

#include "core/base/text.hpp"

namespace gateway {
namespace {

using boost::system::result;

std::optional<passthrough_method> parse_method(std::string_view method, resource what) {
  if (method == "GET") return passthrough_method::get;
  if (method == "HEAD") return passthrough_method::head;
  if (method == "OPTIONS") return passthrough_method::options;
  if (method == "POST" && what == resource::annotation) return passthrough_method::post;
  return std::nullopt;
}

// Empty content needs no type. A coded form is refused, because Content-Encoding is not forwarded to the upstream.
bool is_form(const request_head& head) {
  if (head.content_coded) return false;
  auto const type = trim_ows(head.content_type.substr(0, head.content_type.find(';')));
  return iequals(type, "application/x-www-form-urlencoded") || (type.empty() && head.content.empty());
}

}  // namespace

result<passthrough_request, fault> parse_passthrough_request(const request_head& head, const route& where, const passthrough_set& allowed) {
  assert(is_passthrough(where.what));
  if (where.what != resource::annotation && !allowed[static_cast<std::size_t>(where.what)]) return fault::route_not_enabled;
  auto const method = parse_method(head.method, where.what);
  if (!method) return fault::method_not_allowed;
  if (*method != passthrough_method::post && !head.content.empty()) return fault::unexpected_body;
  if (*method == passthrough_method::post && !is_form(head)) return fault::unsupported_content_type;
  passthrough_request request{where.what, *method, call_sid::parse(where.call)};
  if (where.what != resource::summaries && !request.call) return fault::invalid_call_sid;
  if (where.what != resource::annotation) {
    request.query = head.query;
  } else if (head.query && !head.query->empty()) {
    return fault::unknown_parameter;
  }
  request.content = head.content;
  request.content_type = head.content_type;
  return request;
}

passthrough_request pass_through(const summary_request& asked, const request_head& head) {
  auto const method = asked.method == summary_method::head ? passthrough_method::head : passthrough_method::get;
  passthrough_request request{resource::summary, method, asked.call};
  request.query = head.query;
  return request;
}

}  // namespace gateway
