#include "app/client_limit.hpp"

namespace gateway {
namespace {

template <class Bytes>
std::string_view view_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A client without a name, or on a unix socket, is told by what else its connection shows.
std::uint64_t hash_of(client_identity by, const client& from, const partition& credential, const short_hash_key& key) {
  if (by == client_identity::credential) return short_hash(key, view_of(credential.id));
  if (by == client_identity::name && !from.name.empty()) return short_hash(key, from.name);
  if (!from.user) return short_hash(key, view_of(from.address));
  return short_hash(key, "uid " + std::to_string(*from.user));
}

}  // namespace

client_limit::client_limit(const client_limit_settings& values, const short_hash_key& key)
    : by_(values.by), rate_{values.requests, values.per}, key_(key) {
  for (std::size_t i = 0; rate_.tokens > 0 && i < shard_count; ++i) shards_.push_back(std::make_unique<shard>());
}

token_decision client_limit::take(const client& from, const partition& credential, mono_time now) const {
  auto const who = hash_of(by_, from, credential, key_);
  auto& one = *shards_[(who >> 56) % shard_count];
  std::lock_guard const lock{one.mutex};
  return one.buckets.take(who, rate_, now);
}

}  // namespace gateway
