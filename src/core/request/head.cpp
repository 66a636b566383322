#include "core/request/head.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/request/target.hpp"

namespace gateway {
namespace {

using boost::system::result;

constexpr std::string_view crlf = "\r\n";

std::optional<fault> read_version(std::string_view version, request_head& head) {
  if (version == "HTTP/1.1") return std::nullopt;
  if (version == "HTTP/1.0") {
    head.http_1_0 = true;
    head.keep_alive = false;
    return std::nullopt;
  }
  bool const well_formed =
      version.size() == 8 && version.starts_with("HTTP/") && is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  if (!well_formed) return fault::malformed_request_line;
  // A higher minor version is treated as HTTP/1.1 (RFC 9110 §6.2).
  return version[5] == '1' ? std::nullopt : std::optional{fault::unsupported_version};
}

// method SP request-target SP HTTP-version, each space exactly one (RFC 9112 §3).
std::optional<fault> read_request_line(std::string_view line, const head_limits& limits, request_head& head, target_form& target) {
  auto const first = line.find(' ');
  if (first == std::string_view::npos) return fault::malformed_request_line;
  head.method = line.substr(0, first);
  if (!is_token(head.method)) return fault::malformed_request_line;
  line.remove_prefix(first + 1);
  auto const last = line.rfind(' ');
  if (last == std::string_view::npos) return fault::malformed_request_line;
  auto const text = line.substr(0, last);
  if (auto const refused = read_version(line.substr(last + 1), head)) return refused;
  if (text.size() > limits.max_target_bytes) return fault::target_too_long;  // defence: target-size
  auto const form = parse_target(text, head.method);
  if (!form) return form.error();
  target = *form;
  head.path = target.path;
  head.query = target.query;
  head.asterisk_form = target.asterisk;
  return std::nullopt;
}

struct field_line {
  std::string_view name;
  std::string_view value;
};

// field-name ":" OWS field-value OWS. A line that begins with white space is obsolete folding and is refused (RFC 9112 §5.2).
result<field_line, fault> read_field(std::string_view line) {
  auto const colon = line.find(':');
  if (colon == std::string_view::npos) return fault::malformed_header;
  field_line const field{line.substr(0, colon), trim_ows(line.substr(colon + 1))};
  if (!is_field_value(field.value)) return fault::malformed_header;  // defence: field-values
  return field;
}

void read_connection(std::string_view value, request_head& head, framing& seen) {
  // "close" wins over "keep-alive" (RFC 9112 §9.3). Names of other fields are ignored, because we forward none of them.
  for_each_element(value, [&](std::string_view option) {
    seen.close_asked = seen.close_asked || iequals(option, "close");
    head.keep_alive = head.keep_alive || iequals(option, "keep-alive");  // defence: connection-options
  });
}

// Stores the fields that we act on. The switch on the length spares most fields any comparison.
std::optional<fault> keep_field(const field_line& field, request_head& head, framing& seen) {
  bool known = false;
  auto const is = [&](const auto& name) {
    bool const same = iequals(field.name, name);
    known = known || same;
    return same;
  };
  switch (field.name.size()) {
    case 3:
      if (is("via")) head.has_via = true;
      break;
    case 4:
      if (is("host")) seen.add_host(field.value);
      break;
    case 6:
      if (is("accept")) {
        head.accept = field.value;
      } else if (is("expect")) {
        if (!iequals(field.value, "100-continue")) return fault::unsupported_expectation;
        head.expects_continue = !head.http_1_0;  // RFC 9110 §10.1.1: from an HTTP/1.0 client it is ignored
      } else if (is("origin")) {
        head.origin = field.value;
      } else if (is("prefer")) {
        head.prefer.add(field.value);
      } else if (is("pragma")) {
        head.cache_control.add_pragma(field.value);
      }
      break;
    case 10:
      if (is("connection")) read_connection(field.value, head, seen);  // defence: upgrade
      if (is("tracestate")) head.tracestate.add(field.value);
      break;
    case 11:
      // Two traceparent fields are ambiguous, so neither counts, nor does a third.
      if (is("traceparent")) head.traceparent = head.traceparent.data() == nullptr ? field.value : field.value.substr(0, 0);
      break;
    case 12:
      if (is("x-request-id")) {
        head.request_id = field.value;
      } else if (is("content-type")) {
        head.content_type = field.value;
      }
      break;
    case 13:
      if (is("authorization")) {
        if (seen.authorization++ > 0) return fault::duplicate_authorization;
        head.authorization = field.value;
      } else if (is("if-none-match")) {
        head.if_none_match.add(field.value);
      } else if (is("cache-control")) {
        head.cache_control.add_cache_control(field.value);
      }
      break;
    case 14:
      if (is("content-length")) seen.add_content_length(field.value);
      if (is("sec-fetch-site")) head.sec_fetch_site = field.value;
      break;
    case 15:
      if (is("accept-encoding")) head.accept_encoding.add(field.value);
      break;
    case 16:
      if (is("content-encoding")) head.content_coded = head.content_coded || !iequals(field.value, "identity");
      break;
    case 17:
      if (is("transfer-encoding")) seen.add_transfer_encoding(field.value);
      if (is("x-request-timeout")) head.request_timeout = field.value;
      break;
    case 24:
      if (is("twilio-client-validation")) head.has_client_validation = true;
      break;
    default:
      break;
  }
  // A name that is one of ours is a token.
  if (!known && !is_token(field.name)) return fault::malformed_header;  // defence: field-names
  return std::nullopt;
}

}  // namespace

std::size_t leading_empty_lines(std::string_view buffer, std::size_t skipped) {
  static constexpr std::size_t forgiven = 4 * crlf.size();
  std::size_t size = 0;
  while (skipped + size < forgiven && buffer.substr(size, crlf.size()) == crlf) size += crlf.size();
  return size;
}

head_boundary find_head_end(std::string_view buffer, std::size_t& looked_at, const head_limits& limits) {
  using state = head_boundary::state;
  auto const refuse = [&](fault in_request_line, fault later) {
    return head_boundary{state::refused, 0, looked_at == 0 ? in_request_line : later};
  };
  // A record of a TLS handshake (RFC 8446 §5.1); no method begins so.
  if (looked_at == 0 && buffer.starts_with("\x16\x03")) return {state::refused, 0, fault::tls_on_http};
  while (true) {
    auto const newline = buffer.find('\n', looked_at);
    // defence: head-size
    if (std::min(newline, buffer.size()) >= limits.max_bytes) return refuse(fault::target_too_long, fault::header_too_large);
    if (newline == std::string_view::npos) return {};
    // defence: crlf
    if (newline == 0 || buffer[newline - 1] != '\r') return refuse(fault::malformed_request_line, fault::malformed_header);
    bool const empty = newline - looked_at == 1;
    looked_at = newline + 1;
    if (empty) return {state::complete, looked_at, {}};
  }
}

result<request_head, fault> parse_head(std::string_view bytes, const head_limits& limits) {
  request_head head;
  target_form target;
  framing seen;
  auto const take_line = [&] {
    auto const end = bytes.find(crlf);
    auto const line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(bytes.size(), line.size() + crlf.size()));
    return line;
  };
  if (auto const refused = read_request_line(take_line(), limits, head, target)) return *refused;
  head.fields = bytes.substr(0, bytes.size() - std::min(bytes.size(), crlf.size()));  // without the empty line
  std::size_t fields = 0;
  for (auto line = take_line(); !line.empty(); line = take_line()) {
    if (++fields > limits.max_fields) return fault::too_many_headers;  // defence: field-count
    auto const field = read_field(line);
    if (!field) return field.error();
    if (auto const refused = keep_field(*field, head, seen)) return *refused;
  }
  if (seen.close_asked) head.keep_alive = false;
  if (auto const refused = check_framing(seen, head.http_1_0, target.authority)) return *refused;
  head.content_framed = content_of(seen);
  head.host = seen.host;
  return head;
}

}  // namespace gateway
