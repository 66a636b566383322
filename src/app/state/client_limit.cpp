#include "app/state/client_limit.hpp"

namespace gateway {
namespace {

template <class Bytes>
std::string_view view_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

client_limit::client_limit(const client_limit_settings& values, const short_hash_key& key)
    : by_(values.by), rate_{values.requests, values.per}, key_(key) {
  if (!is_on()) return;
  for (auto& one : of_addresses_) one = std::make_unique<shard>();
  if (by_ != client_identity::credential) return;
  for (auto& one : of_credentials_) one = std::make_unique<shard>();
}

std::uint64_t client_limit::hash_of(const partition& credential) const { return short_hash(key_, view_of(credential.id)); }

// A client without a name, or on a unix socket, is told by what else its connection shows.
std::uint64_t client_limit::hash_of(const client& from) const {
  if (by_ == client_identity::name && !from.name.empty()) return short_hash(key_, from.name);
  if (!from.user) return short_hash(key_, view_of(from.address));
  return short_hash(key_, "uid " + std::to_string(*from.user));
}

std::optional<token_decision> client_limit::take_if_known(std::uint64_t credential, mono_time now) const {
  auto& one = of(of_credentials_, credential);
  std::lock_guard const lock{one.mutex};
  return one.buckets.take_if_known(credential, rate_, now);
}

token_decision client_limit::take(std::uint64_t who, const table& all, mono_time now) const {
  auto& one = of(all, who);
  std::lock_guard const lock{one.mutex};
  return one.buckets.take(who, rate_, now);
}

}  // namespace gateway
