// A least-recently-used store bounded in bytes: keys, bookkeeping and allocator overhead are counted, not only bodies.
// Thread rule: none of its own; whoever shares it locks around it (app/shared_cache). Time rule: `now` is an argument.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/base/time.hpp"
#include "core/cache/entry.hpp"
#include "core/cache/key.hpp"

namespace gateway {

enum class eviction : std::uint8_t { capacity, expired, replaced, purged };
inline constexpr std::size_t eviction_count = 4;
std::string_view name_of(eviction reason);

struct store_counts {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;  // sum over entries of cost_of()
  std::uint64_t evictions[eviction_count] = {};
};

class lru_store {
public:
  explicit lru_store(std::size_t max_bytes);
  ~lru_store();
  lru_store(lru_store&&) noexcept;

  struct found {
    entry_ptr kept;               // null: none, or one that was gone and has been dropped
    bool refresh_failed = false;  // the last attempt to refresh it came to nothing
  };
  // What it finds becomes the most recently used entry.
  found find(const cache_key& key, mono_time now);

  // Keeps it, evicting the least recently used ones until all fit. False if it alone is too big, or if it would put a lesser
  // answer over a complete summary that is still good.
  bool insert(const cache_key& key, entry_ptr made, mono_time now);

  bool erase(const cache_key& key);
  std::size_t erase_call(const call_sid& call);  // of every partition; linear
  std::size_t clear();

  // Claims the right to refresh a stale entry: true for one caller, then false for everybody until `retry_at`.
  bool claim_refresh(const cache_key& key, mono_time now, mono_time retry_at);

  void note_refresh_failed(const cache_key& key);

  [[nodiscard]] const store_counts& counts() const { return counts_; }

  // What an entry costs in memory, estimated from its parts.
  static std::size_t cost_of(const entry& kept);

private:
  struct index;
  void drop_oldest(eviction reason);

  std::size_t max_bytes_;
  store_counts counts_;
  std::unique_ptr<index> index_;
};

}  // namespace gateway
