#include "core/upstream/request.hpp"

#include <sodium.h>

namespace gateway {
namespace {

secret compose(std::string_view method, std::string_view target, std::string_view host, std::string_view authorization,
               std::string_view fields, std::string_view content_fields, std::string_view content) {
  std::string text;
  // Reserved, because a string that grows leaves a copy of the credential behind.
  text.reserve(512 + target.size() + host.size() + authorization.size() + fields.size() + content_fields.size() + content.size());
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  text.append("\r\nAuthorization: ").append(authorization);
  // identity, because the gateway reads the body (core/upstream/verdict).
  text.append("\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: summary-gateway\r\n");
  text.append(fields).append(content_fields).append("\r\n").append(content);
  secret request{text};
  sodium_memzero(text.data(), text.size());
  return request;
}

}  // namespace

std::string trace_fields(const trace_place& place, span_id span, const field_lines& tracestate) {
  auto fields = "traceparent: " + traceparent_of(place, span) + "\r\n";
  auto const state = place.parent != 0 ? sane_tracestate(tracestate) : std::string{};
  if (!state.empty()) fields.append("tracestate: ").append(state).append("\r\n");
  return fields;
}

secret with_authorization(const secret& request, std::string_view authorization) {
  static constexpr std::string_view field = "\r\nAuthorization: ";
  auto const text = request.reveal();
  auto const value_at = text.find(field) + field.size();
  std::string whole;
  whole.reserve(text.size() + authorization.size());
  whole.append(text.substr(0, value_at)).append(authorization).append(text.substr(value_at));
  secret made{whole};
  sodium_memzero(whole.data(), whole.size());
  return made;
}

secret compose_request(std::string_view host, const call_sid& call, processing_state state, std::string_view authorization,
                       std::string_view fields) {
  return compose("GET", summary_target(call, state), host, authorization, fields, "", "");
}

// HEAD becomes GET, because only the body names the call.
secret compose_request(std::string_view host, const passthrough_request& asked, std::string_view authorization, std::string_view fields) {
  std::string target{asked.path};
  if (asked.query) target.append("?").append(*asked.query);
  std::string about_content;
  if (asked.changes()) {
    if (!asked.content_type.empty()) about_content.append("Content-Type: ").append(asked.content_type).append("\r\n");
    about_content.append("Content-Length: ").append(std::to_string(asked.content.size())).append("\r\n");
  }
  return compose(asked.changes() ? "POST" : "GET", target, host, authorization, fields, about_content, asked.content);
}

}  // namespace gateway
