// Addresses of the internet and ranges of them, as people and protocols write them: an IPv4 address and its IPv4-mapped IPv6 form are one.
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
  std::array<std::uint8_t, 16> bytes{};  // an IPv4 one in its IPv4-mapped form

  [[nodiscard]] bool is_ipv4() const;
  [[nodiscard]] bool is_loopback() const;
  bool operator==(const ip_address&) const = default;

  static ip_address ipv4(const std::array<std::uint8_t, 4>& bytes);
  // "192.0.2.1" or "2001:db8::1": no port, no brackets, no zone, no spaces.
  static std::optional<ip_address> parse(std::string_view text);
};

// As a forwarded hop is named: an address, or with a port "192.0.2.1:80", "[2001:db8::1]", "[2001:db8::1]:80"; nothing else.
// A port may be an obfuscated one ("_x").
std::optional<ip_address> parse_hop(std::string_view text);

// All addresses that begin alike: "10.0.0.0/8", "2001:db8::/32", or a single address. A range of IPv6 holds no IPv4 address.
struct address_range {
  ip_address first;
  unsigned prefix = 128;  // in bits of the mapped form

  [[nodiscard]] bool contains(const ip_address& one) const;
  // Nothing, and what would be right, if it is none.
  static std::optional<address_range> parse(std::string_view text, std::string& why_not);
};

// Peers that are believed.
struct address_list {
  std::vector<address_range> ranges;
  bool unix_peers = false;  // whoever connects to a unix socket

  [[nodiscard]] bool empty() const { return ranges.empty() && !unix_peers; }
  // Nothing: a peer without an address.
  [[nodiscard]] bool contains(const std::optional<ip_address>& peer) const {
    if (!peer) return unix_peers;
    return std::ranges::any_of(ranges, [&](const address_range& one) { return one.contains(*peer); });
  }
};

}  // namespace gateway
