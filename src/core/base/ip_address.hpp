// IP addresses and ranges, as people and protocols write them. An IPv4 address and its IPv4-mapped IPv6 form are equal.
// Thread rule: values. Source: RFC 4291 §2.2–2.3, RFC 4632 §3.1, RFC 7239 §6 (with a port).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

struct ip_address {
  std::array<std::uint8_t, 16> bytes{};  // an IPv4 address in its IPv4-mapped form

  [[nodiscard]] bool is_ipv4() const;
  [[nodiscard]] bool is_loopback() const;
  bool operator==(const ip_address&) const = default;

  static ip_address ipv4(const std::array<std::uint8_t, 4>& bytes);
  // "192.0.2.1" or "2001:db8::1": no port, no brackets, no zone, no spaces.
  static std::optional<ip_address> parse(std::string_view text);
};

// The name of a forwarded hop: an address, or an address with a port: "192.0.2.1:80", "[2001:db8::1]", "[2001:db8::1]:80"; nothing else.
// The port may be obfuscated ("_x").
std::optional<ip_address> parse_hop(std::string_view text);

// All addresses with a common prefix: "10.0.0.0/8", "2001:db8::/32", or a single address. An IPv6 range contains no IPv4 address.
struct address_range {
  ip_address first;
  unsigned prefix = 128;  // in bits of the IPv4-mapped form

  [[nodiscard]] bool contains(const ip_address& one) const;
  // Nothing if the text is not a range; `why_not` then says what is expected.
  static std::optional<address_range> parse(std::string_view text, std::string& why_not);
};

// Trusted peers.
struct address_list {
  std::vector<address_range> ranges;
  bool unix_peers = false;  // every process that connects to a unix socket

  [[nodiscard]] bool empty() const { return ranges.empty() && !unix_peers; }
  // nullopt: a peer without an address.
  [[nodiscard]] bool contains(const std::optional<ip_address>& peer) const {
    if (!peer) return unix_peers;
    return std::ranges::any_of(ranges, [&](const address_range& one) { return one.contains(*peer); });
  }
};

}  // namespace gateway
