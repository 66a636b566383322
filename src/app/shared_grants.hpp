// The grants of all workers (core/auth/grants), behind a mutex per shard.
// Thread rule: any thread. Time rule: moments are arguments.
#pragma once

#include <array>
#include <mutex>

#include "core/auth/grants.hpp"

namespace gateway {

class shared_grants {
public:
  shared_grants(std::chrono::nanoseconds ttl, const short_hash_key& key) : key_(key) {
    for (auto& one : shards_) one = std::make_unique<shard>(ttl);
  }

  [[nodiscard]] std::optional<mono_time> find(const partition& who, const account_sid& whose, mono_time now) {
    grant_key const key{who, whose, key_};
    auto& one = of(key);
    std::lock_guard const lock{one.mutex};
    return one.table.find(key, now);
  }
  void give(const partition& who, const account_sid& whose, mono_time asked_at) {
    grant_key const key{who, whose, key_};
    auto& one = of(key);
    std::lock_guard const lock{one.mutex};
    one.table.give(key, asked_at);
  }
  void withdraw(const partition& who, const account_sid& whose, mono_time now) {
    grant_key const key{who, whose, key_};
    auto& one = of(key);
    std::lock_guard const lock{one.mutex};
    one.table.withdraw(key, now);
  }
  void set_ttl(std::chrono::nanoseconds ttl) {
    for (auto const& one : shards_) {
      std::lock_guard const lock{one->mutex};
      one->table.set_ttl(ttl);
    }
  }
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    for (auto const& one : shards_) {
      std::lock_guard const lock{one->mutex};
      sum += one->table.size();
    }
    return sum;
  }
  [[nodiscard]] std::size_t holders(const account_sid& whose, mono_time now) const {
    std::size_t sum = 0;
    for (auto const& one : shards_) {
      std::lock_guard const lock{one->mutex};
      sum += one->table.holders(whose, now);
    }
    return sum;
  }

private:
  static constexpr std::size_t shard_count = 16;
  // 65,536 in all, 10 MB at most: more pairs of credential and account than anybody has, and one too few costs one upstream call.
  static constexpr std::size_t grants_per_shard = 4096;

  // A line of its own, so that one worker's lock does not slow its neighbour's.
  struct alignas(64) shard {
    explicit shard(std::chrono::nanoseconds ttl) : table(grants_per_shard, ttl) {}
    mutable std::mutex mutex;
    grant_table table;  // protected by mutex
  };
  shard& of(const grant_key& key) { return *shards_[key.hash >> 60]; }

  short_hash_key key_;
  std::array<std::unique_ptr<shard>, shard_count> shards_;
};

}  // namespace gateway
