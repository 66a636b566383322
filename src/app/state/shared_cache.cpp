#include "app/state/shared_cache.hpp"

#include <algorithm>

namespace gateway {
namespace {

// Few enough that each can hold thousands of summaries: a shard's bound is exact, the whole's is the sum.
std::size_t shard_count(std::size_t max_bytes) { return std::clamp<std::size_t>(max_bytes / (8 * 1024 * 1024), 1, 32); }

// So many entries that nobody waits long for a shard.
constexpr std::size_t step = 256;

}  // namespace

shared_cache::shared_cache(store_limits limits, const short_hash_key& key, snapshot_guard* disk) : key_(key), disk_(disk) {
  auto const count = shard_count(limits.max_bytes);
  for (std::size_t i = 0; i < count; ++i)
    shards_.push_back(std::make_unique<shard>(store_limits{limits.max_bytes / count, limits.max_entry_bytes}));
}

lru_store::found shared_cache::find(const cache_key& key, const instant& now) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  auto found = one.store.find(key, now);
  found.purged = found.purged || is_changed(key, found.changes);
  return found;
}

entry_ptr shared_cache::peek(const cache_key& key) const {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  return one.store.peek(key);
}

std::optional<not_stored> shared_cache::insert(const cache_key& key, entry_ptr made, std::uint64_t generation, const instant& now) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  // Under the lock: a purge that raises the number after this look has not been in this shard yet, and will find the entry. A change
  // after it finds the entry under another number than its own.
  auto const changes = changes_.of(key.call_bits());
  if (generation_.load(std::memory_order_acquire) + changes != generation) return not_stored::overtaken;
  // A doubt that comes after this look marks the entry.
  if (invalidations_.covers(key, made->asked_at)) return not_stored::overtaken;
  return one.store.insert(key, std::move(made), now, changes);
}

// In each of these the disk comes first: what is loaded from there meanwhile is then either held back or found in memory.
bool shared_cache::erase(const cache_key& key, eviction reason) {
  if (disk_ != nullptr) disk_->erase(mark_of(key));
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  return one.store.erase(key, reason);
}

bool shared_cache::owns(const partition& owner) const {
  return std::ranges::any_of(shards_, [&](const std::unique_ptr<shard>& one) {
    std::lock_guard const lock{one->mutex};
    return one->store.owns(owner);
  });
}

void shared_cache::add_accounts_of(const partition& owner, std::size_t most, std::vector<account_sid>& to) const {
  for (auto const& one : shards_) {
    std::lock_guard const lock{one->mutex};
    one->store.add_accounts_of(owner, most, to);
  }
}

std::size_t shared_cache::revoke(const partition& owner) {
  if (disk_ != nullptr) disk_->erase(mark_of(owner));
  std::size_t erased = 0;
  for (auto const& one : shards_) {
    for (auto some = step; some == step; erased += some) {
      std::lock_guard const lock{one->mutex};
      some = one->store.revoke(owner, step);
    }
  }
  return erased;
}

shared_cache::purged shared_cache::purge(const purge_scope& what, purge_depth how) {
  purged made;
  if (disk_ != nullptr) made.disk_ticket = disk_->purge(what.call);
  // From here on nothing is filed that was asked for before.
  generation_.fetch_add(1, std::memory_order_acq_rel);
  if (what.call) {
    auto const bits = cache_key::call_bits(*what.call, key_);
    auto& one = of(bits);
    std::lock_guard const lock{one.mutex};
    made.taken = one.store.purge(*what.call, bits, how);
    return made;
  }
  for (auto const& one : shards_) {
    lru_store::place from;
    for (bool done = false; !done;) {
      std::lock_guard const lock{one->mutex};
      auto const some = one->store.purge(what, how, from, step);
      made.taken += some.taken;
      done = some.done;
    }
  }
  return made;
}

void shared_cache::note_change(const call_sid& call) {
  auto const bits = cache_key::call_bits(call, key_);
  if (disk_ != nullptr) disk_->outdate(bits);
  changes_.note(bits);
}

void shared_cache::invalidate(const cache_key& own, mono_time now) {
  invalidations_.note(own, now);  // first: what is filed from here on is newer
  auto& one = of(own);
  std::lock_guard const lock{one.mutex};
  one.store.make_old(own);
}

// What was changed or doubted since the start is older on disk, as far as anybody knows: it comes back for the case that the upstream
// fails.
lru_store::restored shared_cache::restore(const cache_key& key, entry_ptr made, const instant& now) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  auto const changes = changes_.of(key.call_bits());
  bool const is_old = changes != 0 || invalidations_.covers(key, made->asked_at);
  return one.store.restore(key, std::move(made), now, changes, is_old);
}

std::optional<std::vector<lru_store::walked>> shared_cache::walk(place& from, std::size_t most) const {
  if (from.shard == shards_.size()) return std::nullopt;
  auto const& one = *shards_[from.shard];
  std::vector<lru_store::walked> passed;
  {
    std::lock_guard const lock{one.mutex};
    passed = one.store.walk(from.in_it, most);
  }
  if (passed.empty()) from = {from.shard + 1, {}};
  std::erase_if(passed, [this](const lru_store::walked& each) { return each.state.purged || is_changed(each.key, each.state.changes); });
  return passed;
}

void shared_cache::sweep(const instant& now) {
  for (auto const& one : shards_) {
    bool clean = false;
    while (!clean) {
      std::lock_guard const lock{one->mutex};
      clean = one->store.sweep(now, step);
    }
  }
}

void shared_cache::set_limits(store_limits limits) {
  constexpr std::size_t at_once = 1024 * 1024;
  auto const each = limits.max_bytes / shards_.size();
  for (auto const& one : shards_) {
    for (bool fits = false; !fits;) {
      std::lock_guard const lock{one->mutex};
      auto const kept = static_cast<std::size_t>(one->store.counts().bytes);
      fits = kept <= each + at_once;
      one->store.set_limits({fits ? each : kept - at_once, limits.max_entry_bytes});
    }
  }
}

bool shared_cache::claim_refresh(const cache_key& key, mono_time now, mono_time retry_at) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  return one.store.claim_refresh(key, now, retry_at);
}

void shared_cache::note_answer(const cache_key& key, const not_stored_answer& answer, mono_time now) {
  auto& one = of(key);
  bool became_old = false;
  {
    std::lock_guard const lock{one.mutex};
    became_old = one.store.note_answer(key, answer, now);
  }
  if (became_old && disk_ != nullptr) disk_->outdate(mark_of(key));
}

void shared_cache::note_failure(const cache_key& key, processing_state wanted, mono_time now) {
  auto& one = of(key);
  std::lock_guard const lock{one.mutex};
  one.store.note_failure(key, wanted, now);
}

std::vector<lru_store::listed> shared_cache::list(const call_sid& call) const {
  auto const bits = cache_key::call_bits(call, key_);
  auto const changes = changes_.of(bits);
  auto const& one = of(bits);
  std::vector<lru_store::listed> all;
  {
    std::lock_guard const lock{one.mutex};
    all = one.store.list(call, bits);
  }
  for (auto& each : all) each.state.purged = each.state.purged || each.state.changes != changes;
  return all;
}

void shared_cache::note_not_stored(const cache_key& key, not_stored reason, mono_time now) {
  std::lock_guard const lock{not_stored_mutex_};
  not_stored_.note(key, reason, now);
}

std::vector<recently_not_stored::noted> shared_cache::why_not_stored(const call_sid& call) const {
  std::lock_guard const lock{not_stored_mutex_};
  return not_stored_.about(call);
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
