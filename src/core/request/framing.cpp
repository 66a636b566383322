#include "core/request/framing.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {
namespace {

bool is_ip_literal(std::string_view inside) {
  // IPv6 with an optional zone, or IPvFuture: the exact grammar is the resolver's business, the characters are ours.
  return !inside.empty() && std::ranges::all_of(inside, [](char c) { return is_hex(c) || c == ':' || c == '.' || c == 'v' || c == 'V'; });
}

// unreserved and sub-delims but ',': a comma would be a list of hosts.
constexpr char_set is_host_char{"-._~!$&'()*+;=", is_alnum};

bool is_reg_name(std::string_view name) {
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

bool is_port(std::string_view port) {
  auto const number = parse_decimal(port);
  return port.empty() || (number && *number <= 65535);
}

std::optional<fault> check_content(const framing& seen, bool http_1_0) {
  bool const coded = seen.transfer_encodings > 0;
  if (coded && seen.content_lengths > 0) return fault::ambiguous_framing;
  if (coded) {
    // Chunked, once, by a client that may use it, is sound; anything else is a trap.
    bool const sound = !http_1_0 && seen.transfer_encodings == 1 && iequals(seen.transfer_encoding, "chunked");
    return sound ? std::nullopt : std::optional{fault::malformed_transfer_encoding};
  }
  if (seen.content_lengths == 0) return std::nullopt;
  bool const sound = seen.content_lengths == 1 && parse_decimal(seen.content_length);
  return sound ? std::nullopt : std::optional{fault::malformed_content_length};
}

}  // namespace

bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    auto const close = text.find(']');
    if (close == std::string_view::npos || !is_ip_literal(text.substr(1, close - 1))) return false;
    auto const rest = text.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  auto const colon = text.find(':');
  if (colon != std::string_view::npos && !is_port(text.substr(colon + 1))) return false;
  return is_reg_name(text.substr(0, colon));
}

bool announces_content(const framing& seen) { return seen.transfer_encodings > 0 || parse_decimal(seen.content_length).value_or(0) > 0; }

std::optional<fault> check_framing(const framing& seen, bool http_1_0, std::optional<std::string_view> authority) {
  if (auto const refused = check_content(seen, http_1_0)) return refused;
  if (seen.hosts > 1) return fault::duplicate_host;
  if (seen.hosts == 0) {
    if (!http_1_0) return fault::missing_host;
    return std::nullopt;
  }
  if (!is_host(seen.host)) return fault::malformed_host;
  if (authority && !iequals(*authority, seen.host)) return fault::host_mismatch;
  return std::nullopt;
}

}  // namespace gateway
