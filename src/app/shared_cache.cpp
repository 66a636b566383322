#include "app/shared_cache.hpp"

#include <algorithm>

namespace gateway {
namespace {

// Few enough that each can hold thousands of summaries: a shard's bound is exact, the whole's is the sum.
std::size_t shard_count(std::size_t max_bytes) { return std::clamp<std::size_t>(max_bytes / (8 * 1024 * 1024), 1, 32); }

}  // namespace

shared_cache::shared_cache(std::size_t max_bytes) {
  auto const count = shard_count(max_bytes);
  for (std::size_t i = 0; i < count; ++i) shards_.push_back(std::make_unique<shard>(max_bytes / count));
}

lru_store::found shared_cache::find(const cache_key& key, mono_time now) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  return one.store.find(key, now);
}

bool shared_cache::insert(const cache_key& key, entry_ptr made, std::uint64_t generation, mono_time now) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  // Under the lock: a purge that raises the number after this look has not been in this shard yet, and will find the entry.
  if (generation_.load(std::memory_order_acquire) != generation) return false;
  return one.store.insert(key, std::move(made), now);
}

bool shared_cache::erase(const cache_key& key) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  return one.store.erase(key);
}

std::size_t shared_cache::erase_call(const call_sid& call) {
  std::size_t erased = 0;
  generation_.fetch_add(1, std::memory_order_acq_rel);
  for (auto const& one : shards_) {
    std::lock_guard const lock{one->mutex};
    erased += one->store.erase_call(call);
  }
  return erased;
}

std::size_t shared_cache::clear() {
  std::size_t erased = 0;
  generation_.fetch_add(1, std::memory_order_acq_rel);
  for (auto const& one : shards_) {
    std::lock_guard const lock{one->mutex};
    erased += one->store.clear();
  }
  return erased;
}

bool shared_cache::claim_refresh(const cache_key& key, mono_time now, mono_time retry_at) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  return one.store.claim_refresh(key, now, retry_at);
}

void shared_cache::note_refresh_failed(const cache_key& key) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  one.store.note_refresh_failed(key);
}

store_counts shared_cache::counts() const {
  store_counts sum;
  for (auto const& one : shards_) {
    std::lock_guard const lock{one->mutex};
    auto const& counts = one->store.counts();
    sum.entries += counts.entries;
    sum.bytes += counts.bytes;
    for (std::size_t i = 0; i < eviction_count; ++i) sum.evictions[i] += counts.evictions[i];
  }
  return sum;
}

}  // namespace gateway
