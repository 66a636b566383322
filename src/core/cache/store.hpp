// The store of the cache: least recently used (LRU), bounded in bytes. Keys, bookkeeping and allocator overhead count, not only bodies.
// Expired entries are removed even if no request asks for them. With a read_table, readers find entries without the lock.
// Cost rule: finding, using and removing an entry are O(1). Storing one is O(log n), for its position in the order of expiry. Operations on
// one call or one owner are linear in its entries; operations on all entries run a few entries at a time.
// Thread rule: none of its own; app/state/shared_cache locks. Time rule: `now` is an argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/cache/admission.hpp"
#include "core/cache/entry_ref.hpp"
#include "core/cache/key.hpp"
#include "core/request/summary_request.hpp"

namespace gateway {

enum class eviction : std::uint8_t {
  capacity,   // removed to make room, as the least recently used
  expired,    // its lifetime was over
  replaced,   // by a newer answer
  purged,     // by an operator
  revoked,    // its credential was refused
  withdrawn,  // a newer answer may not be stored, or contradicts it
};
inline constexpr std::size_t eviction_count = 6;
std::string_view name_of(eviction reason);

struct store_counts {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // the sum of cost_of() over all entries, and over removed ones that a reader still has
  std::uint64_t evictions[eviction_count] = {};
};

struct store_limits {
  std::size_t max_bytes = 0;
  std::size_t max_entry_bytes = 0;  // of one entry, by cost_of()
};

// What the operator purges: one call, one account (as the summaries name it; refusals name none), or everything.
struct purge_scope {
  std::optional<call_sid> call;
  std::optional<account_sid> account;
  [[nodiscard]] bool covers(const cache_key& key, const entry& stored) const {
    return (!call || same_call(*call, key.call)) && (!account || account == stored.account);
  }
};

// soft: the next client waits for the upstream and gets the old answer only if that fails. hard: the entry is removed.
enum class purge_depth : std::uint8_t { soft, hard };

// An answer that was not stored, but says something about the stored one.
struct not_stored_answer {
  const entry& said;
  processing_state wanted = processing_state::absent;  // what the request asked for
  bool whole = true;                                   // false: perhaps a partial; it never makes a complete summary old
};

class lru_store {
public:
  // `readers`: where readers without a lock find the entries; it outlives the store. Null: there are none.
  explicit lru_store(store_limits limits, read_table* readers = nullptr);
  // Sets other limits, and removes the least recently used entries until the rest fits.
  void set_limits(store_limits limits);
  ~lru_store();
  lru_store(lru_store&&) noexcept;

  struct found {
    entry_ref stored;                     // null: no entry, or it has expired
    bool purged = false;                  // softly: served only to a client that has waited for the upstream
    std::optional<mono_time> checked_at;  // when the upstream last answered the same request again; nothing: never since it was stored
    std::optional<mono_time> failed_at;   // when the upstream last failed to answer it; nothing: it has answered since, or was not asked
    std::uint32_t changes = 0;            // the changes of the call at the time of the fetch
  };
  // The found entry becomes the most recently used one.
  found find(const cache_key& key, const instant& now);
  // The same without the store's lock. Empty: use find(). The entry is lent by `by`, which must be free.
  static found read(const read_table& from, const cache_key& key, const instant& now, read_table::reader& by);
  // Like find, but the order of use does not change.
  [[nodiscard]] entry_ptr peek(const cache_key& key) const;

  // How exactly the order of use has to know the uses now, if several readers note them: to 1/64 of the time since the next one to be
  // evicted was used; less exactly while the store is not half full.
  [[nodiscard]] mono_time::duration use_step(mono_time now) const;
  static constexpr mono_time::duration finest_use_step = std::chrono::microseconds{100};
  static constexpr mono_time::duration coarsest_use_step = std::chrono::seconds{1};

  // Stores the entry and evicts the least recently used ones until all fit; or returns why not. `changes`: as in found.
  std::optional<not_stored> insert(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes = 0);

  // Removes the owner's entries of the call, in any spelling of it. Returns whether there were any.
  bool erase(const cache_key& key, eviction reason);
  [[nodiscard]] bool owns(const partition& owner) const;
  // Adds the accounts that the summaries of one credential name, until `to` holds `most`: linear in its entries.
  void add_accounts_of(const partition& owner, std::size_t most, std::vector<account_sid>& to) const;
  // Removes at most `most` entries of one credential, and returns their number.
  std::size_t revoke(const partition& owner, std::size_t most);
  // Removes at most `most` expired entries, the oldest first, and frees what readers have left. Returns true if no expired one is left.
  bool sweep(const instant& now, std::size_t most);

  // Claims the right to refresh a stale entry. Returns true to one caller, and false to all others until `retry_at`.
  bool claim_refresh(const cache_key& key, mono_time now, mono_time retry_at);
  // Gives that claim up: the next caller may refresh.
  void give_up_refresh(const cache_key& key, mono_time retry_at);

  // A fetch brought an answer that is not stored, to the request that the entry answers. The same answer counts as a revalidation.
  // A different answer makes the entry old, like a soft purge. Returns true if it became old.
  bool note_answer(const cache_key& key, const not_stored_answer& answer, mono_time now);
  void note_failure(const cache_key& key, processing_state wanted, mono_time now);
  // A soft purge of what erase() would remove. Returns true if any of it was not old before.
  bool make_old(const cache_key& key);

  // Twilio says that the call's summary became complete at that moment. What was asked before it becomes old. The clocks of Twilio and of
  // this machine may differ: an answer that is not complete must be surely newer to stay, and a complete one surely older to go.
  struct completion {
    std::vector<cache_key> made_old;
    bool is_known = false;  // a complete summary stays
  };
  completion note_completion(const call_sid& call, std::uint64_t call_bits, mono_time at);
  static constexpr std::chrono::minutes clock_skew{5};

  // Stores an entry from a snapshot as the least recently used one. It evicts no other entry, so there must be room. `old`: as after a soft
  // purge.
  enum class restored : std::uint8_t { stored, present, no_room, erased };
  restored restore(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes = 0, bool old = false);

  // The position of a walk through all entries, which begins with the entry that expires last. Entries may be stored and removed during
  // the walk.
  struct place {
    wall_time gone_by = wall_time::max();
    std::uint64_t hash = std::numeric_limits<std::uint64_t>::max();
  };
  struct walked {
    cache_key key;
    found state;
  };
  // The next entries, `most` at most; `from` moves behind them and the order of use does not change. Empty at the end of the walk.
  [[nodiscard]] std::vector<walked> walk(place& from, std::size_t most) const;

  struct purged {
    std::size_t taken = 0;  // entries that clients could have been served from
    bool done = false;      // the walk has ended
  };
  // Purges a part of such a walk: checks at most `most` entries.
  purged purge(const purge_scope& what, purge_depth how, place& from, std::size_t most);
  // Purges all entries of one call. `call_bits`: of its cache_key.
  std::size_t purge(const call_sid& call, std::uint64_t call_bits, purge_depth how);

  struct listed {
    partition owner;
    found state;
    std::size_t cost = 0;
    mono_time refresh_again_at{};
  };
  // All entries of one call, for explain.
  [[nodiscard]] std::vector<listed> list(const call_sid& call, std::uint64_t call_bits) const;

  [[nodiscard]] const store_counts& counts() const { return counts_; }

  // The memory of an entry, estimated from its parts.
  static std::size_t cost_of(const entry& stored);

private:
  struct index;
  // `at` belongs to any of the indices.
  template <class Iterator>
  void remove(Iterator at, eviction reason);
  template <class Iterator>
  std::size_t take_from_readers(Iterator at, purge_depth how);
  void file(const cache_key& key, entry_ptr made, std::size_t cost, mono_time use, std::uint32_t changes, bool old);
  void evict_least_recently_used();
  void free_retired();

  store_limits limits_;
  read_table* readers_;
  store_counts counts_;
  std::unique_ptr<index> index_;
};

}  // namespace gateway
