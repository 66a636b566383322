// How operators read of an account: by its name in the settings; mode forward: by the beginning of the keyed hash that the limits use.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/authorizer.hpp"

namespace gateway {

// `scope`: of core/auth/scopes, with the same key.
std::string account_label(const access_rules& rules, const short_hash_key& key, std::uint64_t scope);
std::string account_label(const access_rules& rules, const short_hash_key& key, const account_sid& account);

// The account that an operator calls so: by its name in the settings, by its sid, or as account_label shows one of `known`.
struct called_account {
  std::uint64_t scope = 0;
  std::optional<std::string> at{};  // mode inject: the upstream that it is for
  friend bool operator==(const called_account&, const called_account&) = default;
};
std::optional<called_account> account_called(const access_rules& rules, const short_hash_key& key, std::string_view text,
                                             const std::vector<std::uint64_t>& known);

}  // namespace gateway
