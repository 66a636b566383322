// The client limit of all workers: who counts as one client, and a bucket for each (core/limit). Another limit is another object.
// Thread rule: any thread; a mutex per shard, never held across a wait.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>

#include "core/auth/client.hpp"
#include "core/limit/client_buckets.hpp"
#include "core/settings/settings.hpp"
#include "io/runtime/published.hpp"

namespace gateway {

class client_limit {
public:
  client_limit(const client_limit_settings& values, const short_hash_key& key);

  [[nodiscard]] bool is_on() const { return !shards_.empty(); }
  [[nodiscard]] const token_rate& rate() const { return rate_; }
  token_decision take(const client& from, const partition& credential, mono_time now) const;

private:
  static constexpr std::size_t shard_count = 16;
  static constexpr std::size_t clients_per_shard = 4096;  // 64 KiB each: a million bytes when the limit is on

  struct alignas(64) shard {
    std::mutex mutex;
    client_buckets buckets{clients_per_shard};  // protected by mutex
  };

  client_identity by_;
  token_rate rate_;
  short_hash_key key_;
  std::vector<std::unique_ptr<shard>> shards_;  // none: off
};
using published_limit = published<client_limit>;

}  // namespace gateway
