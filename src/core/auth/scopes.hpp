// Whom an exchange with the upstream counts against: the account, whose limit it takes from, and the client, with whom it is fair.
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

}  // namespace gateway
