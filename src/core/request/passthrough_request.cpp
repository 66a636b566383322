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
  return is_write(what, method) ? std::optional{passthrough_method::post} : std::nullopt;
}

// Empty content needs no type. Coded content is refused, because Content-Encoding is not forwarded to the upstream.
bool is_of_kind(const request_head& head, content_kind kind) {
  if (head.content_coded) return false;
  auto const type = trim_ows(head.content_type.substr(0, head.content_type.find(';')));
  std::string_view const wanted = kind == content_kind::json ? "application/json" : "application/x-www-form-urlencoded";
  return iequals(type, wanted) || (type.empty() && head.content.empty());
}

// A page asks for the methods before it writes, too.
bool is_allowed(const request_head& head, resource what, const passthrough_set& listed) {
  return allows(listed, what, head.method) || (head.method == "OPTIONS" && is_write(what, "POST") && allows(listed, what, "POST"));
}

}  // namespace

result<passthrough_request, fault> parse_passthrough_request(const request_head& head, const route& where, const passthrough_set& allowed) {
  assert(is_passthrough(where.what));
  if (!is_allowed(head, where.what, allowed)) return fault::route_not_enabled;
  auto const method = parse_method(head.method, where.what);
  if (!method) return fault::method_not_allowed;
  if (*method != passthrough_method::post && !head.content.empty()) return fault::unexpected_body;
  if (*method == passthrough_method::post && !is_of_kind(head, family_of(where.what).takes)) return fault::unsupported_content_type;
  passthrough_request request{where.what, *method, call_sid::parse(where.call)};
  if (is_about_call(where.what) && !request.call) return fault::invalid_call_sid;
  request.path = head.path;
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
  request.path = head.path;
  request.query = head.query;
  return request;
}

}  // namespace gateway
