// Who is at the other end of a connection, as far as the connection itself shows: nothing here was said by a request.
// Thread rule: belongs to one connection. Source of the grouping: RFC 6177 §2 (an end site has at least a /64).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/auth/identity.hpp"
#include "core/base/fixed_text.hpp"
#include "core/base/ip_address.hpp"

namespace gateway {

// Whom bounds per address count as one: an IPv4 address (in its IPv4-mapped form), or the /64 network of an IPv6 address, since
// whoever has one address of it has them all. All zero for a unix socket.
using address_group = std::array<std::uint8_t, 16>;

address_group group_of_ipv4(const std::array<std::uint8_t, 4>& address);
address_group group_of_ipv6(const std::array<std::uint8_t, 16>& address);
inline address_group group_of(const ip_address& address) { return group_of_ipv6(address.bytes); }

// What statistics call a client: never anything secret, and printable.
using client_name = fixed_text<64>;

struct client {
  client() = default;  // no aggregate: it is handed to coroutines (ARCHITECTURE.md, GCC 12.2)

  address_group address{};
  std::uint16_t listener = 0;         // by which it came: the number of that listener
  bool is_local = false;              // loopback or a unix socket, and nobody speaks for others through it
  bool is_proxied = false;            // by a trusted proxy, for somebody else: neither its certificate nor its user is the client's
  std::optional<std::uint32_t> user;  // unix socket: whose process connected (SO_PEERCRED)
  std::string name;                   // mutual TLS: the name in the certificate that was verified; "" for none
  identity_memo memo;                 // of whom it was last known to be

  client_name known_as;        // once somebody asked on its behalf
  std::size_t counted_at = 0;  // where statistics found it last
};

// By the settings' name for it, the name in its certificate, or its address: whichever is known, in this order.
client_name name_of(const client& from);

}  // namespace gateway
