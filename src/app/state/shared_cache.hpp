// The one cache of all workers. All entries of one call are in one table (core/cache/store), and each table has its own mutex.
// A reader with a place in the read_table finds entries without a mutex. No function waits for I/O. A mutex is held at most for the time
// that a few hundred entries take, or the entries of one call. Thread rule: any thread.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "app/state/party_guard.hpp"
#include "app/state/sharded.hpp"
#include "app/state/snapshot_guard.hpp"
#include "core/cache/changes.hpp"
#include "core/cache/invalidations.hpp"
#include "core/cache/recently_not_stored.hpp"
#include "core/cache/store.hpp"

namespace gateway {

class shared_cache {
public:
  // `key`: the key of cache_key's hashes. `disk` keeps erased entries from coming back from the snapshot; null: there is no snapshot.
  // `parties` keeps out what an operator has erased by its content; null: nothing was.
  shared_cache(store_limits limits, const short_hash_key& key, snapshot_guard* disk = nullptr, party_guard* parties = nullptr);

  // `by`: the caller's right to read without a lock. Null: what is found is owned.
  lru_store::found find(const cache_key& key, const instant& now, read_table::reader* by = nullptr);
  // Such a right. It belongs to one thread, and ends before the cache does.
  [[nodiscard]] read_table::reader join_readers() { return readers_.join(); }
  [[nodiscard]] entry_ptr peek(const cache_key& key) const;
  // A number that changes with each purge and with each change of the call.
  [[nodiscard]] std::uint64_t generation(const call_sid& call) const {
    return generation_.load(std::memory_order_acquire) + changes_.of(cache_key::call_bits(call, key_));
  }
  // Refuses an answer whose fetch began before a purge or a change. `generation` is the number at the start of the fetch.
  std::optional<not_stored> insert(const cache_key& key, const entry_ptr& made, std::uint64_t generation, const instant& now);
  bool erase(const cache_key& key, eviction reason);
  // Whether any entry of that owner is stored.
  [[nodiscard]] bool owns(const partition& owner) const;
  // Adds the accounts that the owner's summaries name, at most `most`.
  void add_accounts_of(const partition& owner, std::size_t most, std::vector<account_sid>& to) const;
  std::size_t revoke(const partition& owner);
  struct purged {
    std::size_t taken = 0;          // entries that can no longer be served
    std::uint64_t disk_ticket = 0;  // for snapshot_guard::is_settled
  };
  // Runs in small steps. Entries that are stored meanwhile come from later requests; the walk may still take them.
  purged purge(const purge_scope& what, purge_depth how);
  // The same for a purge through another gateway of the fleet. A snapshot on disk that does not hold the call stays.
  void follow_purge(const purge_scope& what, purge_depth how);
  // Like a soft purge of one call, but O(1): stored copies and answers under way, for any credential, may show an older state. No file is
  // removed; a new snapshot is written soon.
  void note_change(const call_sid& call);
  // Twilio says that the summary became complete at `at`. Returns whether any credential may still have been given an older state; then
  // answers under way are not stored either. An event that says nothing new changes nothing, however often it comes.
  bool note_completion(const call_sid& call, mono_time at, mono_time now);
  // Like a soft purge of one entry, but O(1): the entry and any answer under way for it may show an older state. Other entries stay valid.
  void invalidate(const cache_key& own, mono_time now);
  // Drops expired entries in small steps, so that no request waits long for a table; and what was erased while a reader had it. Sets how
  // exactly readers note their uses from now on. Call it once a second.
  void sweep(const instant& now);
  // Evicts at once what exceeds the new limits. The number of shards does not change.
  void set_limits(store_limits limits);
  bool claim_refresh(const cache_key& key, mono_time now, mono_time retry_at);
  void give_up_refresh(const cache_key& key, mono_time retry_at);
  // Note the results of exchanges that brought nothing to store.
  void note_answer(const cache_key& key, const not_stored_answer& answer, mono_time now);
  void note_failure(const cache_key& key, processing_state wanted, mono_time now);
  // A client received a newer answer that is not stored: no answer to an earlier request may be stored after it.
  void note_newer(const cache_key& key, mono_time asked_at) { invalidations_.note(key, asked_at); }
  void note_not_stored(const cache_key& key, not_stored reason, mono_time now);
  [[nodiscard]] std::vector<lru_store::listed> list(const call_sid& call) const;
  [[nodiscard]] std::vector<recently_not_stored::noted> why_not_stored(const call_sid& call) const;
  [[nodiscard]] store_counts counts() const;

  // Adds an entry from a snapshot, with the guard's consent: entries that were erased since the start do not come back.
  lru_store::restored restore(const cache_key& key, const entry_ptr& made, const instant& now);
  // A walk through all entries that may be served, a few at a time.
  struct place {
    std::size_t shard = 0;
    lru_store::place in_it{};
  };
  // nullopt: the walk has ended. Before the end, the list may be empty.
  [[nodiscard]] std::optional<std::vector<lru_store::walked>> walk(place& from, std::size_t most) const;
  // The same with the entries that have become old, for who looks at what is kept.
  [[nodiscard]] std::optional<std::vector<lru_store::walked>> walk_all(place& from, std::size_t most) const;

private:
  // Selects the table by the call alone, so that a purge or a listing of one call locks only one table.
  template <class Work>
  auto with(const cache_key& key, Work&& work) const {
    return stores_.with(key.call_bits(), work);
  }
  std::size_t purge_tables(const purge_scope& what, purge_depth how);
  [[nodiscard]] bool is_changed(const cache_key& key, std::uint32_t since) const { return since != changes_.of(key.call_bits()); }
  // Runs store() under the lock of the key's table, unless the entry holds what was erased: then `erased` is the result.
  template <class Result, class Store>
  Result store_unless_erased(const cache_key& key, const entry& made, mono_time now, Result erased, Store&& store);

  read_table readers_;
  sharded<lru_store> stores_;
  mutable std::mutex not_stored_mutex_;
  recently_not_stored not_stored_;            // protected by not_stored_mutex_
  std::atomic<std::uint64_t> generation_{0};  // counts purges; raised before a purge enters the first shard
  call_changes changes_;
  entry_invalidations invalidations_;
  const short_hash_key key_;
  snapshot_guard* disk_;
  party_guard* parties_;
};

}  // namespace gateway
