// The clients of the model in each mode: what they send, and the tenant whose credential the upstream sees.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/auth/access_in_force.hpp"
#include "core/settings/settings.hpp"
#include "request/tenants.hpp"

namespace gateway::test {

inline constexpr fingerprint_key credential_key{std::byte{1}};
inline constexpr short_hash_key table_key{std::byte{2}};

enum class mode : std::uint8_t { partition, grants, inject };

// A client with the credential that it sends, and the tenant whose credential the upstream will see; tenant_count: the gateway must refuse
// it.
struct asker {
  std::string authorization;
  std::size_t who = tenant_count;
};

// For every third seed, summaries are stale at once, so each hit starts a refresh.
inline settings settings_of(mode how, unsigned seed) {
  settings values;
  if (seed % 3 == 0) {
    values.cache.freshness.fresh_for = {};
    values.cache.freshness.refresh_backoff = {};
  }
  values.credentials.mode = how == mode::inject ? credentials_mode::inject : credentials_mode::forward;
  values.credentials.sharing = how == mode::grants ? sharing_mode::grants : sharing_mode::partition;
  return values;
}

inline std::string token(std::size_t number) { return "token-" + std::to_string(number) + std::string(30, 'x'); }

// Two clients of the parent's account, and one each of two other accounts.
inline constexpr std::array<std::size_t, 4> account_of_client{parent, parent, subaccount, revocable};

inline access_rules rules_of(mode how, const tenants& world, std::uint64_t version) {
  access_rules rules{version, credential_key, {}, {}};
  if (how != mode::inject) return rules;
  auto& all = rules.injecting.emplace();
  for (std::size_t i = 0; i < tenant_count; ++i) {
    auto with = std::make_shared<const secret>(world.authorization(i));
    all.accounts.emplace_back(partition_of_account(world.all[i].name, "", credential_key), std::move(with));
    all.account_names.emplace_back(world.all[i].name);
  }
  for (std::size_t i = 0; i < account_of_client.size(); ++i) {
    known_client one;
    one.account = account_of_client[i];
    one.tokens = {hash_of_token(token(i))};
    all.clients.push_back(std::move(one));
  }
  return rules;
}

// The clients with bearer tokens, in mode forward.
inline std::vector<asker> token_askers(const tenants& world) {
  std::vector<asker> all;
  for (std::size_t i = first_token; i < tenant_count; ++i) all.push_back({world.authorization(i), i});
  return all;
}

inline std::vector<asker> askers_of(mode how, const tenants& world) {
  std::vector<asker> all;
  if (how == mode::inject) {
    for (std::size_t i = 0; i < account_of_client.size(); ++i) {
      all.push_back({"Bearer " + token(i), account_of_client[i]});
      all.push_back({std::string{compose_authorization("AC9:" + token(i)).reveal()}, account_of_client[i]});
    }
    all.push_back({"Bearer " + token(99), tenant_count});
    all.push_back({"", tenant_count});
    all.push_back({world.authorization(parent), tenant_count});  // valid for Twilio, but not a client of this gateway
  } else {
    for (std::size_t i = 0; i < first_token; ++i) all.push_back({world.authorization(i), i});
    all.push_back({"", tenant_count});
  }
  return all;
}

}  // namespace gateway::test
