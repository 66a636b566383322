// A least-recently-used store bounded in bytes: keys, bookkeeping and allocator overhead are counted, not only bodies. What has
// outlived its time leaves by itself, whether or not anybody asks for it again.
// Cost rule: finding, using and dropping an entry are O(1); filing one is O(log n), for its place in the order of expiry.
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

class lru_store {
public:
  explicit lru_store(store_limits limits);
  // From now on; the least recently used go until the rest fits.
  void set_limits(store_limits limits);
  ~lru_store();
  lru_store(lru_store&&) noexcept;

  struct found {
    entry_ptr kept;                       // null: none, or one that was gone and has been dropped
    bool refresh_failed = false;          // the last attempt to refresh it came to nothing
    bool purged = false;                  // softly: not to be given to anybody who has not waited for the upstream
    std::optional<mono_time> checked_at;  // when the upstream was last asked about it again; nothing: not since it was first fetched
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
  // All that one credential has: O(number of its entries).
  std::size_t revoke(const partition& owner);
  // Returns how many entries it took from their readers; linear.
  std::size_t purge(const purge_scope& what, purge_depth how);
  // Drops at most `most` of those whose time is over, oldest first; true if that were all.
  bool sweep(const instant& now, std::size_t most);

  // Claims the right to refresh a stale entry: true for one caller, then false for everybody until `retry_at`.
  bool claim_refresh(const cache_key& key, mono_time now, mono_time retry_at);
  void note_refresh_failed(const cache_key& key, mono_time now);

  // Files one that is known from before, as the least recently used: it takes nobody's place, and there must be room.
  enum class restored : std::uint8_t { kept, present, no_room };
  restored restore(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes = 0);

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

  struct listed {
    partition owner;
    found state;
    std::size_t cost = 0;
    mono_time refresh_again_at{};
  };
  // What is kept about one call, for explain; linear.
  [[nodiscard]] std::vector<listed> list(const call_sid& call) const;

  [[nodiscard]] const store_counts& counts() const { return counts_; }

  // What an entry costs in memory, estimated from its parts.
  static std::size_t cost_of(const entry& kept);

private:
  struct index;
  void drop_least_used(eviction reason);

  store_limits limits_;
  store_counts counts_;
  std::unique_ptr<index> index_;
};

}  // namespace gateway
