// The client at the other end of a connection, as the connection or a trusted proxy shows it; nothing here is the client's own claim.
// Thread rule: belongs to one connection. Source of the grouping: RFC 6177 §2 (an end site has at least a /64).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/auth/certificate_names.hpp"
#include "core/auth/identity.hpp"
#include "core/base/fixed_text.hpp"
#include "core/base/ip_address.hpp"
#include "core/base/keyed_hash.hpp"

namespace gateway {

// Limits per address count a group as one client: an IPv4 address (in its IPv4-mapped form), or the /64 network of an IPv6 address, since a
// host can use every address of its /64. All zero for a unix socket.
using address_group = std::array<std::uint8_t, 16>;

address_group group_of_ipv4(const std::array<std::uint8_t, 4>& address);
address_group group_of_ipv6(const std::array<std::uint8_t, 16>& address);
inline address_group group_of(const ip_address& address) { return group_of_ipv6(address.bytes); }

// The client's name for operators, alike in all lines and figures: printable and never secret.
using client_name = fixed_text<64>;

// How the address of a client without a name is shown: by a keyed hash, as it is, or not at all.
enum class shown_addresses : std::uint8_t { hashed, plain, none };

struct client_naming {
  shown_addresses addresses = shown_addresses::hashed;
  short_hash_key key{};
};

struct client {
  client() = default;  // no aggregate: it is handed to coroutines (ARCHITECTURE.md, GCC 12.2)

  address_group address{};
  std::uint16_t listener = 0;            // the number of the listener that accepted the connection
  bool is_local = false;                 // loopback or a unix socket, and the peer is no proxy
  bool is_proxied = false;               // the peer is a trusted proxy: its certificate and its user are not the client's
  std::optional<std::uint32_t> user;     // unix socket: the user whose process connected (SO_PEERCRED)
  std::optional<std::int32_t> process;   // and that process
  std::vector<std::uint32_t> groups;     // and its groups
  certificate_names names;               // mutual TLS: those in the certificate that was verified
  std::string name;                      // the first of them, as operators are shown it; "" for none
  std::optional<proof_refusal> refused;  // why the last proof that it showed proves nothing, until that is counted
  identity_memo memo;                    // the last identity found on this connection

  client_name known_as;        // for operators; "" until the first request
  std::size_t counted_at = 0;  // the statistics' last position of this client
};

// The name in the settings, else the name in the certificate, else the user or the address, as `naming` says.
client_name name_of(const client& from, const client_naming& naming);

}  // namespace gateway
