// The one cache of all workers: lru_stores behind a mutex each, so that two workers seldom meet. Its functions never wait for I/O.
// Thread rule: any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "core/cache/store.hpp"

namespace gateway {

class shared_cache {
public:
  explicit shared_cache(std::size_t max_bytes);

  lru_store::found find(const cache_key& key, mono_time now);
  // Refuses what was fetched before a purge: `generation` is that of the moment the fetch began.
  bool insert(const cache_key& key, entry_ptr made, std::uint64_t generation, mono_time now);
  [[nodiscard]] std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  bool erase(const cache_key& key);
  std::size_t erase_call(const call_sid& call);
  std::size_t clear();
  bool claim_refresh(const cache_key& key, mono_time now, mono_time retry_at);
  void note_refresh_failed(const cache_key& key);
  [[nodiscard]] store_counts counts() const;

private:
  // A line of its own, so that one worker's lock does not slow its neighbour's.
  struct alignas(64) shard {
    explicit shard(std::size_t max_bytes) : store(max_bytes) {}
    mutable std::mutex mutex;
    lru_store store;  // protected by mutex
  };
  shard& of(const cache_key& key) { return *shards_[(key.hash >> 56) % shards_.size()]; }

  std::vector<std::unique_ptr<shard>> shards_;
  std::atomic<std::uint64_t> generation_{0};  // counts purges; raised before a purge looks into the first shard
};

}  // namespace gateway
