// Whom an exchange with the upstream counts against: the account, whose limit it takes from, the client, with whom it is fair, and the
// address of a client whose credential is not proved.
// Thread rule: pure functions.
#pragma once

#include <cstdint>

#include "core/auth/client.hpp"
#include "core/base/keyed_hash.hpp"

namespace gateway {

// Twilio limits accounts. Which one a credential belongs to shows only in an account sid as its user name; of an API key or a bearer token
// nobody can say, so each counts as an account of its own and learns by itself. Mode inject: our account.
std::uint64_t account_scope(const identity& who, const short_hash_key& key);

// Everything that tells one from another: behind one proxy or loopback there may be many, each with a credential of its own, and many
// machines may share one credential.
std::uint64_t client_scope(const identity& who, const client& from, const short_hash_key& key);

// The address it comes from: an IPv4 address, an IPv6 /64, or the user of a unix socket. Who proves nothing has nothing else.
std::uint64_t address_scope(const client& from, const short_hash_key& key);
// The network of that address: an IPv6 /48 (RFC 6177: what one site may have), else the same as the address.
std::uint64_t network_scope(const client& from, const short_hash_key& key);

}  // namespace gateway
