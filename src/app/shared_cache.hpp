// The one cache of all workers: lru_stores behind a mutex each, so that two workers seldom meet. Its functions never wait for I/O.
// Thread rule: any thread.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "app/snapshot_guard.hpp"
#include "core/cache/changes.hpp"
#include "core/cache/store.hpp"
#include "core/cache/unkept.hpp"

namespace gateway {

class shared_cache {
public:
  // `disk`: what keeps the erased from coming back from there; null: nothing is there.
  explicit shared_cache(store_limits limits, snapshot_guard* disk = nullptr);

  lru_store::found find(const cache_key& key, const instant& now);
  [[nodiscard]] entry_ptr peek(const cache_key& key) const;
  // Another number after each purge, and after each change of the call.
  [[nodiscard]] std::uint64_t generation(const call_sid& call) const {
    return generation_.load(std::memory_order_acquire) + changes_.of(call);
  }
  // Refuses what was fetched before a purge or a change: `generation` is that of the moment the fetch began.
  std::optional<not_stored> insert(const cache_key& key, entry_ptr made, std::uint64_t generation, const instant& now);
  bool erase(const cache_key& key, eviction reason);
  // Whether anything is kept for that owner.
  [[nodiscard]] bool owns(const partition& owner) const;
  // Which accounts its summaries name, `most` at most.
  void add_accounts_of(const partition& owner, std::size_t most, std::vector<account_sid>& to) const;
  std::size_t revoke(const partition& owner);
  std::size_t purge(const purge_scope& what, purge_depth how);
  // Like a soft purge of one call, but O(1): what is kept, or being fetched, may show an older state.
  void note_change(const call_sid& call);
  // Drops what has outlived its time, in small steps, so that nobody waits long for a shard.
  void sweep(const instant& now);
  // What is too much then goes at once. The number of shards stays.
  void set_limits(store_limits limits);
  bool claim_refresh(const cache_key& key, mono_time now, mono_time retry_at);
  void note_refresh_failed(const cache_key& key, mono_time now);
  void note_unkept(const cache_key& key, not_stored reason, mono_time now);
  [[nodiscard]] std::vector<lru_store::listed> list(const call_sid& call) const;
  [[nodiscard]] std::vector<recent_unkept::noted> unkept(const call_sid& call) const;
  [[nodiscard]] store_counts counts() const;

  // From a snapshot, with the guard's consent: what was erased since the start does not come back.
  lru_store::restored restore(const cache_key& key, entry_ptr made, const instant& now);
  // A walk through all that readers may be given, a few at a time.
  struct place {
    std::size_t shard = 0;
    lru_store::place in_it{};
  };
  // Nothing: that was the last. What it returns may be empty before.
  [[nodiscard]] std::optional<std::vector<lru_store::walked>> walk(place& from, std::size_t most) const;

private:
  // A line of its own, so that one worker's lock does not slow its neighbour's.
  struct alignas(64) shard {
    explicit shard(store_limits limits) : store(limits) {}
    mutable std::mutex mutex;
    lru_store store;  // protected by mutex
  };
  [[nodiscard]] shard& of(const cache_key& key) const { return *shards_[(key.hash >> 56) % shards_.size()]; }

  std::vector<std::unique_ptr<shard>> shards_;
  mutable std::mutex unkept_mutex_;
  recent_unkept unkept_;                      // protected by unkept_mutex_
  std::atomic<std::uint64_t> generation_{0};  // counts purges; raised before a purge looks into the first shard
  call_changes changes_;
  snapshot_guard* disk_;
};

}  // namespace gateway
