#include "core/request/framing.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {
namespace {

bool is_ip_literal(std::string_view inside) {
  // IPv6 or IPvFuture: only the characters are checked here; the exact grammar is left to the resolver.
  static constexpr char_set is_literal_char{":.vV", is_hex};
  return !inside.empty() && is_literal_char.holds_all(inside);
}

// unreserved and sub-delims except ',': a comma would make a list of hosts.
constexpr char_set is_host_char{"-._~!$&'()*+;=", is_alnum};

bool is_reg_name(std::string_view name) {
  if (is_host_char.holds_all(name)) return true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    char const c = name[i];
    if (c == '%') {
      if (i + 2 >= name.size() || !is_hex(name[i + 1]) || !is_hex(name[i + 2])) return false;
      i += 2;
    } else if (!is_host_char(c)) {
      return false;
    }
  }
  return true;
}

bool is_empty_or_port(std::string_view port) {
  auto const number = parse_decimal(port);
  return port.empty() || (number && *number <= 65535);
}

// "chunked", once and last, delimits the content; any other coding leaves its end open (RFC 9112 §6.3: 400). An unknown coding before it is
// merely not supported (§6.1: 501).
std::optional<fault> check_coding(std::string_view codings) {
  if (iequals(codings, "chunked")) return std::nullopt;  // defence: chunked-only
  auto const comma = codings.rfind(',');
  if (comma == std::string_view::npos || !iequals(trim_ows(codings.substr(comma + 1)), "chunked"))
    return fault::malformed_transfer_encoding;
  bool sound = true;
  for_each_element(codings.substr(0, comma), [&](std::string_view coding) {
    auto const name = trim_ows(coding.substr(0, coding.find(';')));
    sound = sound && is_token(name) && !iequals(name, "chunked") && !iequals(name, "identity");
  });
  return sound ? fault::unsupported_transfer_coding : fault::malformed_transfer_encoding;
}

std::optional<fault> check_content(const framing& seen, bool http_1_0) {
  bool const coded = seen.transfer_encodings > 0;
  if (coded && seen.content_lengths > 0) return fault::ambiguous_framing;  // defence: length-and-coding
  if (coded && http_1_0) return fault::malformed_transfer_encoding;        // defence: chunks-in-http10
  if (coded) return seen.transfer_encodings > 1 ? fault::malformed_transfer_encoding : check_coding(seen.transfer_encoding);
  if (seen.content_lengths == 0) return std::nullopt;
  bool const sound = seen.content_lengths == 1 && parse_decimal(seen.content_length);  // defence: one-length
  return sound ? std::nullopt : std::optional{fault::malformed_content_length};
}

// A missing port, an empty port and the default port are equal (RFC 3986 §6.2.3). Both default ports are accepted, since the scheme does
// not matter here.
std::string_view without_default_port(std::string_view authority) {
  for (std::string_view const port : {":80", ":443", ":"}) {
    if (authority.ends_with(port)) return authority.substr(0, authority.size() - port.size());
  }
  return authority;
}

bool same_authority(std::string_view a, std::string_view b) { return iequals(without_default_port(a), without_default_port(b)); }

}  // namespace

bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    auto const close = text.find(']');
    if (close == std::string_view::npos || !is_ip_literal(text.substr(1, close - 1))) return false;
    auto const rest = text.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && is_empty_or_port(rest.substr(1)));
  }
  auto const colon = text.find(':');
  if (colon == 0 || text.empty()) return false;
  if (colon != std::string_view::npos && !is_empty_or_port(text.substr(colon + 1))) return false;
  return is_reg_name(text.substr(0, colon));
}

std::optional<content_framing> content_of(const framing& seen) {
  if (seen.transfer_encodings > 0) return content_framing{true, 0};
  auto const length = parse_decimal(seen.content_length).value_or(0);
  return length > 0 ? std::optional{content_framing{false, length}} : std::nullopt;
}

std::optional<fault> check_framing(const framing& seen, bool http_1_0, std::optional<std::string_view> authority) {
  if (auto const refused = check_content(seen, http_1_0)) return refused;
  if (seen.hosts > 1) return fault::duplicate_host;  // defence: one-host
  if (seen.hosts == 0) {
    if (!http_1_0) return fault::missing_host;  // defence: host-needed
    return std::nullopt;
  }
  if (!is_host(seen.host)) return fault::malformed_host;                                 // defence: host-syntax
  if (authority && !same_authority(*authority, seen.host)) return fault::host_mismatch;  // defence: authority-is-host
  return std::nullopt;
}

}  // namespace gateway
