#include "app/state/client_limit.hpp"

#include "core/base/text.hpp"

namespace gateway {

client_limit::client_limit(const client_limit_settings& values, const short_hash_key& key)
    : by_(values.by), rate_{values.requests, values.per}, key_(key) {
  if (!is_on()) return;
  of_addresses_.emplace(table::usual_count, clients_per_table);
  if (by_ == client_identity::credential) of_credentials_.emplace(table::usual_count, clients_per_table);
}

std::uint64_t client_limit::hash_of(const partition& credential) const { return short_hash(key_, view_of(credential.id)); }

// A client without a name is identified by its address, and on a unix socket by its user.
std::uint64_t client_limit::hash_of(const client& from) const {
  if (by_ == client_identity::name && !from.name.empty()) return short_hash(key_, from.name);
  if (!from.user) return short_hash(key_, view_of(from.address));
  return short_hash(key_, "uid " + std::to_string(*from.user));
}

std::optional<token_decision> client_limit::take_if_known(std::uint64_t credential, mono_time now) const {
  return of_credentials_->with(credential, [&](client_buckets& one) { return one.take_if_known(credential, rate_, now); });
}

token_decision client_limit::take(std::uint64_t who, const std::optional<table>& all, mono_time now) const {
  return all->with(who, [&](client_buckets& one) { return one.take(who, rate_, now); });
}

}  // namespace gateway
