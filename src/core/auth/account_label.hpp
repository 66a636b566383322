// How operators read of an account: by its name in the settings; mode forward: by the beginning of the keyed hash that the limits use.
// Thread rule: pure functions.
#pragma once

#include <string>

#include "core/auth/authorizer.hpp"

namespace gateway {

// `scope`: of core/auth/scopes, with the same key.
std::string account_label(const access_rules& rules, const short_hash_key& key, std::uint64_t scope);
std::string account_label(const access_rules& rules, const short_hash_key& key, const account_sid& account);

}  // namespace gateway
