// A least-recently-used store bounded in bytes: keys, bookkeeping and allocator overhead are counted, not only bodies. What has
// outlived its time leaves by itself, whether or not anybody asks for it again.
// Cost rule: finding, using and dropping an entry are O(1); filing one is O(log n), for its place in the order of expiry. What concerns one
// call or one owner costs what there is of them; whatever concerns all is done a few at a time.
// Thread rule: none of its own; whoever shares it locks around it (app/shared_cache). Time rule: `now` is an argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/cache/admission.hpp"
#include "core/cache/entry.hpp"
#include "core/cache/key.hpp"
#include "core/request/summary_request.hpp"

namespace gateway {

enum class eviction : std::uint8_t {
  capacity,   // the least recently used had to make room
  expired,    // its time was over
  replaced,   // by a newer answer
  purged,     // by an operator
  revoked,    // its credential was refused
  withdrawn,  // there is a newer answer that may not be kept, or one that contradicts it
};
inline constexpr std::size_t eviction_count = 6;
std::string_view name_of(eviction reason);

struct store_counts {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // sum over entries of cost_of()
  std::uint64_t evictions[eviction_count] = {};
};

struct store_limits {
  std::size_t max_bytes = 0;
  std::size_t max_entry_bytes = 0;  // of one entry, by cost_of()
};

// What an operator wants purged: of one call, of one account (as the summaries name it; refusals name none), or everything.
struct purge_scope {
  std::optional<call_sid> call;
  std::optional<account_sid> account;
  [[nodiscard]] bool covers(const cache_key& key, const entry& kept) const {
    return (!call || *call == key.call) && (!account || account == kept.account);
  }
};

// soft: the next reader waits for the upstream and gets the old answer only if that fails. hard: nothing is left.
enum class purge_depth : std::uint8_t { soft, hard };

// An answer of the upstream that was not kept, as news about what is kept.
struct not_stored_answer {
  const entry& said;
  processing_state wanted = processing_state::absent;  // the question's
  bool whole = true;  // false: a partial, or what cannot be told from one; a complete summary is never old because of it
};

class lru_store {
public:
  explicit lru_store(store_limits limits);
  // From now on; the least recently used go until the rest fits.
  void set_limits(store_limits limits);
  ~lru_store();
  lru_store(lru_store&&) noexcept;

  struct found {
    entry_ptr kept;                       // null: none, or one that was gone and has been dropped
    bool purged = false;                  // softly: not to be given to anybody who has not waited for the upstream
    std::optional<mono_time> checked_at;  // when the upstream last answered the same question again; nothing: not since the first time
    std::optional<mono_time> failed_at;   // when it last failed at that question; nothing: it answered since, or was not asked
    std::uint32_t changes = 0;            // of the call, when it was fetched
  };
  // What it finds becomes the most recently used entry.
  found find(const cache_key& key, const instant& now);
  // Like find, but a look only: whoever wants to know about an entry does not use it.
  [[nodiscard]] entry_ptr peek(const cache_key& key) const;

  // Keeps it, evicting the least recently used ones until all fit; or says why not. `changes`: of the call, when it was fetched.
  std::optional<not_stored> insert(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes = 0);

  bool erase(const cache_key& key, eviction reason);
  [[nodiscard]] bool owns(const partition& owner) const;
  // Which accounts the summaries of one credential name, `most` at most: O(number of its entries).
  void add_accounts_of(const partition& owner, std::size_t most, std::vector<account_sid>& to) const;
  // What one credential has, at most `most` of it; returns how much that was.
  std::size_t revoke(const partition& owner, std::size_t most);
  // Drops at most `most` of those whose time is over, oldest first; true if that were all.
  bool sweep(const instant& now, std::size_t most);

  // Claims the right to refresh a stale entry: true for one caller, then false for everybody until `retry_at`.
  bool claim_refresh(const cache_key& key, mono_time now, mono_time retry_at);

  // What came of a look upstream that brought nothing to keep, as far as it was the question that the entry answers. An answer that says
  // the same is a look; one that says something else makes the entry old, as a soft purge does. True: it became old.
  bool note_answer(const cache_key& key, const not_stored_answer& answer, mono_time now);
  void note_failure(const cache_key& key, processing_state wanted, mono_time now);
  // As a soft purge of one entry. True: there is one, and it was not old before.
  bool make_old(const cache_key& key);

  // Files one that is known from before, as the least recently used: it takes nobody's place, and there must be room. `old`: as if it had
  // been purged softly.
  enum class restored : std::uint8_t { kept, present, no_room };
  restored restore(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes = 0, bool old = false);

  // Where a walk through all entries is: those that may live longest come first. Entries that are filed or dropped meanwhile do not
  // disturb it.
  struct place {
    wall_time gone_by = wall_time::max();
    std::uint64_t hash = std::numeric_limits<std::uint64_t>::max();
  };
  struct walked {
    cache_key key;
    found state;
  };
  // The next ones, `most` at most, as a look only; `from` moves behind them. Empty: that was the last.
  [[nodiscard]] std::vector<walked> walk(place& from, std::size_t most) const;

  struct purged {
    std::size_t taken = 0;  // from their readers
    bool done = false;      // there are no more
  };
  // Of everybody's, a part of such a walk: looks at `most` entries.
  purged purge(const purge_scope& what, purge_depth how, place& from, std::size_t most);
  // All that is kept of one call. `call_bits`: of its cache_key.
  std::size_t purge(const call_sid& call, std::uint64_t call_bits, purge_depth how);

  struct listed {
    partition owner;
    found state;
    std::size_t cost = 0;
    mono_time refresh_again_at{};
  };
  // What is kept about one call, for explain.
  [[nodiscard]] std::vector<listed> list(const call_sid& call, std::uint64_t call_bits) const;

  [[nodiscard]] const store_counts& counts() const { return counts_; }

  // What an entry costs in memory, estimated from its parts.
  static std::size_t cost_of(const entry& kept);

private:
  struct index;
  // `at` belongs to any of the indices.
  template <class Iterator>
  void remove(Iterator at, eviction reason);
  template <class Iterator>
  std::size_t take_from_readers(Iterator at, purge_depth how);

  store_limits limits_;
  store_counts counts_;
  std::unique_ptr<index> index_;
};

}  // namespace gateway
