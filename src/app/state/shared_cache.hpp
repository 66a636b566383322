// The one cache of all workers. All entries of one call lie in one table (core/cache/store), each table behind a mutex of its own.
// No function waits for I/O, and none holds a mutex for longer than a few hundred entries take, or those of one call.
// Thread rule: any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "app/state/sharded.hpp"
#include "app/state/snapshot_guard.hpp"
#include "core/cache/changes.hpp"
#include "core/cache/invalidations.hpp"
#include "core/cache/recently_not_stored.hpp"
#include "core/cache/store.hpp"

namespace gateway {

class shared_cache {
public:
  // `key`: that of cache_key's hashes. `disk`: what keeps the erased from coming back from there; null: nothing is there.
  shared_cache(store_limits limits, const short_hash_key& key, snapshot_guard* disk = nullptr);

  lru_store::found find(const cache_key& key, const instant& now);
  [[nodiscard]] entry_ptr peek(const cache_key& key) const;
  // Another number after each purge, and after each change of the call.
  [[nodiscard]] std::uint64_t generation(const call_sid& call) const {
    return generation_.load(std::memory_order_acquire) + changes_.of(cache_key::call_bits(call, key_));
  }
  // Refuses what was fetched before a purge or a change: `generation` is that of the moment the fetch began.
  std::optional<not_stored> insert(const cache_key& key, entry_ptr made, std::uint64_t generation, const instant& now);
  bool erase(const cache_key& key, eviction reason);
  // Whether anything is stored for that owner.
  [[nodiscard]] bool owns(const partition& owner) const;
  // Which accounts its summaries name, `most` at most.
  void add_accounts_of(const partition& owner, std::size_t most, std::vector<account_sid>& to) const;
  std::size_t revoke(const partition& owner);
  struct purged {
    std::size_t taken = 0;          // entries, from their readers
    std::uint64_t disk_ticket = 0;  // for snapshot_guard::is_settled
  };
  // In small steps. What is filed meanwhile was asked for after the purge began; the walk may take it all the same.
  purged purge(const purge_scope& what, purge_depth how);
  // Like a soft purge of one call, but O(1): what is stored or being fetched of it, for any credential, may show an older state. No file is
  // removed; the snapshot is written anew soon.
  void note_change(const call_sid& call);
  // Like a soft purge of one entry, O(1): it, or what is being fetched for it, may show an older state. Other entries are not concerned.
  void invalidate(const cache_key& own, mono_time now);
  // Drops what has outlived its time, in small steps, so that no request waits long for a table.
  void sweep(const instant& now);
  // What is too much then goes at once. The number of shards stays.
  void set_limits(store_limits limits);
  bool claim_refresh(const cache_key& key, mono_time now, mono_time retry_at);
  // What came of looks upstream that brought nothing to keep.
  void note_answer(const cache_key& key, const not_stored_answer& answer, mono_time now);
  void note_failure(const cache_key& key, processing_state wanted, mono_time now);
  // A client was given a newer answer that is not stored: what was asked for before must not be stored after it.
  void note_newer(const cache_key& key, mono_time asked_at) { invalidations_.note(key, asked_at); }
  void note_not_stored(const cache_key& key, not_stored reason, mono_time now);
  [[nodiscard]] std::vector<lru_store::listed> list(const call_sid& call) const;
  [[nodiscard]] std::vector<recently_not_stored::noted> why_not_stored(const call_sid& call) const;
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
  // By the call alone, so that a purge or a look at one call meets one table.
  template <class Work>
  auto with(const cache_key& key, Work&& work) const {
    return stores_.with(key.call_bits(), work);
  }
  [[nodiscard]] bool is_changed(const cache_key& key, std::uint32_t since) const { return since != changes_.of(key.call_bits()); }

  sharded<lru_store> stores_;
  mutable std::mutex not_stored_mutex_;
  recently_not_stored not_stored_;            // protected by not_stored_mutex_
  std::atomic<std::uint64_t> generation_{0};  // counts purges; raised before a purge looks into the first shard
  call_changes changes_;
  entry_invalidations invalidations_;
  const short_hash_key key_;
  snapshot_guard* disk_;
};

}  // namespace gateway
