// Which scope an exchange with the upstream counts against: the account (its rate limit), the client (fairness), and the address of a
// client whose credential is not proved.
// Thread rule: pure functions.
#pragma once

#include <cstdint>

#include "core/auth/client.hpp"
#include "core/base/keyed_hash.hpp"

namespace gateway {

// Twilio limits accounts. A credential names its account only if its user name is an account sid. An API key or a bearer token does not
// name one, so each counts as an account of its own, with its own learnt limit. Mode inject: our account.
std::uint64_t account_scope(const identity& who, const short_hash_key& key);

// Mode inject: the client in the settings, wherever it connects from; 0: it has no name there.
inline std::uint64_t named_scope(const identity& who) { return who.name.empty() ? 0 : who.asker.bits(); }

// Everything that tells two clients apart: many clients with different credentials may share a proxy or loopback, and many machines may
// share one credential. Where clients have shares, a named client is one, however many machines it has.
std::uint64_t client_scope(const identity& who, const client& from, const short_hash_key& key);

// The client's address: an IPv4 address, an IPv6 /64, or the user of a unix socket. An unproved client has no other scope.
std::uint64_t address_scope(const client& from, const short_hash_key& key);
// The network of that address: an IPv6 /48 (RFC 6177: what one site may have); otherwise the same as the address.
std::uint64_t network_scope(const client& from, const short_hash_key& key);

}  // namespace gateway
