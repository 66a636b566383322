#include "app/state/shared_cache.hpp"

#include <algorithm>

#include "core/cache/table_count.hpp"

namespace gateway {
namespace {

// Entries for which a table is locked in one step.
constexpr std::size_t dropped_at_once = 256;
// Erasures that may come while one answer is being judged; more than these mean that it is not stored.
constexpr int most_judgements = 4;

}  // namespace

shared_cache::shared_cache(store_limits limits, const short_hash_key& key, snapshot_guard* disk, party_guard* parties)
    : readers_(limits.max_bytes),
      stores_(table_count(limits.max_bytes), store_limits{limits.max_bytes / table_count(limits.max_bytes), limits.max_entry_bytes},
              &readers_),
      key_(key),
      disk_(disk),
      parties_(parties) {}

lru_store::found shared_cache::find(const cache_key& key, const instant& now, read_table::reader* by) {
  auto found = by != nullptr && by->is_free() ? lru_store::read(readers_, key, now, *by) : lru_store::found{};
  if (!found.stored) found = with(key, [&](lru_store& one) { return one.find(key, now); });
  found.purged = found.purged || is_changed(key, found.changes);  // defence: changed-is-old
  return found;
}

entry_ptr shared_cache::peek(const cache_key& key) const {
  return with(key, [&](const lru_store& one) { return one.peek(key); });
}

std::optional<not_stored> shared_cache::insert(const cache_key& key, const entry_ptr& made, std::uint64_t generation, const instant& now) {
  auto const store = [&](lru_store& one) -> std::optional<not_stored> {
    // Checked under the lock: a purge that raises the generation after this check has not walked this table yet, and will find the entry. A
    // later change of the call gives the entry an old number.
    auto const changes = changes_.of(key.call_bits());
    if (generation_.load(std::memory_order_acquire) + changes != generation) return not_stored::overtaken;  // defence: purge-generation
    // A later invalidation marks the entry.
    if (invalidations_.covers(key, made->asked_at)) return not_stored::overtaken;  // defence: invalidated-under-way
    return one.insert(key, made, now, changes);
  };
  return store_unless_erased(key, *made, now.mono, std::optional{not_stored::erased}, store);
}

// The body is read outside the lock. An erasure that was armed since then may not have been seen: it is read once more.
template <class Result, class Store>
Result shared_cache::store_unless_erased(const cache_key& key, const entry& made, mono_time now, Result erased, Store&& store) {
  for (int i = 0; i < most_judgements; ++i) {
    auto const judged = parties_ == nullptr ? party_guard::judgement{} : parties_->judge(made, now);
    if (judged.refuses) return erased;  // defence: erased-party-refused
    std::optional<Result> result;
    with(key, [&](lru_store& one) {
      if (parties_ == nullptr || parties_->is_current(judged)) result.emplace(store(one));
    });
    if (result) return *std::move(result);
  }
  return erased;
}

// Each of these erases from the disk first: an entry that is loaded in the meantime is then held back, or found in memory and erased.
bool shared_cache::erase(const cache_key& key, eviction reason) {
  if (disk_ != nullptr) disk_->erase(mark_of(key));
  return with(key, [&](lru_store& one) { return one.erase(key, reason); });
}

bool shared_cache::owns(const partition& owner) const {
  for (std::size_t i = 0; i < stores_.count(); ++i) {
    if (stores_.with_table(i, [&](const lru_store& one) { return one.owns(owner); })) return true;
  }
  return false;
}

void shared_cache::add_accounts_of(const partition& owner, std::size_t most, std::vector<account_sid>& to) const {
  stores_.each([&](const lru_store& one) { one.add_accounts_of(owner, most, to); });
}

std::size_t shared_cache::revoke(const partition& owner) {
  if (disk_ != nullptr) disk_->erase(mark_of(owner));  // defence: refusal-erases-file
  std::size_t erased = 0;
  stores_.each_in_steps([&](lru_store& one) {
    auto const some = one.revoke(owner, dropped_at_once);
    erased += some;
    return some < dropped_at_once;
  });
  return erased;
}

shared_cache::purged shared_cache::purge(const purge_scope& what, purge_depth how) {
  purged made;
  if (disk_ != nullptr) made.disk_ticket = disk_->purge(what.call);
  made.taken = purge_tables(what, how);
  return made;
}

void shared_cache::follow_purge(const purge_scope& what, purge_depth how) {
  if (disk_ != nullptr && what.call) {
    disk_->erase(mark_of(*what.call, key_));  // defence: mark-erases-file
  } else if (disk_ != nullptr) {
    disk_->purge(std::nullopt);
  }
  purge_tables(what, how);
}

std::size_t shared_cache::purge_tables(const purge_scope& what, purge_depth how) {
  // From now on, no answer to an earlier request is stored.
  generation_.fetch_add(1, std::memory_order_acq_rel);
  if (what.call) {
    auto const bits = cache_key::call_bits(*what.call, key_);
    return stores_.with(bits, [&](lru_store& one) { return one.purge(*what.call, bits, how); });
  }
  std::size_t taken = 0;
  lru_store::place from;
  stores_.each_in_steps([&](lru_store& one) {
    auto const some = one.purge(what, how, from, dropped_at_once);
    taken += some.taken;
    if (some.done) from = {};
    return some.done;
  });
  return taken;
}

void shared_cache::note_change(const call_sid& call) {
  auto const bits = cache_key::call_bits(call, key_);
  if (disk_ != nullptr) disk_->outdate(bits);  // defence: change-outdates-file
  changes_.note(bits);
}

bool shared_cache::note_completion(const call_sid& call, mono_time at, mono_time now) {
  auto const bits = cache_key::call_bits(call, key_);
  auto const found = stores_.with(bits, [&](lru_store& one) { return one.note_completion(call, bits, at); });
  for (auto const& key : found.made_old) {
    if (disk_ != nullptr) disk_->outdate(mark_of(key));
  }
  // Requests that are under way now were sent after an old event.
  bool const is_recent = now - at < lru_store::clock_skew;
  if (is_recent && !found.is_known) note_change(call);
  return !found.made_old.empty() || (is_recent && !found.is_known);
}

void shared_cache::invalidate(const cache_key& own, mono_time now) {
  invalidations_.note(own, now);  // first: entries that are stored from now on are newer
  with(own, [&](lru_store& one) { one.make_old(own); });
}

// A snapshot's entry may be older than a change or an invalidation since the start: it may then be served only when the upstream fails.
lru_store::restored shared_cache::restore(const cache_key& key, const entry_ptr& made, const instant& now) {
  return store_unless_erased(key, *made, now.mono, lru_store::restored::erased, [&](lru_store& one) {
    auto const changes = changes_.of(key.call_bits());
    bool const is_old = changes != 0 || invalidations_.covers(key, made->asked_at);  // defence: changed-since-start
    return one.restore(key, made, now, changes, is_old);
  });
}

std::optional<std::vector<lru_store::walked>> shared_cache::walk(place& from, std::size_t most) const {
  auto passed = walk_all(from, most);
  if (passed)
    std::erase_if(*passed, [this](const lru_store::walked& each) { return each.state.purged || is_changed(each.key, each.state.changes); });
  return passed;
}

std::optional<std::vector<lru_store::walked>> shared_cache::walk_all(place& from, std::size_t most) const {
  if (from.shard == stores_.count()) return std::nullopt;
  auto passed = stores_.with_table(from.shard, [&](const lru_store& one) { return one.walk(from.in_it, most); });
  if (passed.empty()) from = {from.shard + 1, {}};
  return passed;
}

void shared_cache::sweep(const instant& now) {
  auto step = readers_.has_one_reader() ? mono_time::duration{} : lru_store::coarsest_use_step;
  stores_.each_in_steps([&](lru_store& one) {
    step = std::min(step, one.use_step(now.mono));
    return one.sweep(now, dropped_at_once);
  });
  readers_.set_use_step(step);
}

void shared_cache::set_limits(store_limits limits) {
  constexpr std::size_t at_once = 1024 * 1024;
  auto const each = limits.max_bytes / stores_.count();
  stores_.each_in_steps([&](lru_store& one) {
    auto const stored = static_cast<std::size_t>(one.counts().bytes);
    bool const fits = stored <= each + at_once;
    one.set_limits({fits ? each : stored - at_once, limits.max_entry_bytes});
    return fits;
  });
}

bool shared_cache::claim_refresh(const cache_key& key, mono_time now, mono_time retry_at) {
  return with(key, [&](lru_store& one) { return one.claim_refresh(key, now, retry_at); });
}

void shared_cache::give_up_refresh(const cache_key& key, mono_time retry_at) {
  with(key, [&](lru_store& one) { one.give_up_refresh(key, retry_at); });
}

void shared_cache::note_answer(const cache_key& key, const not_stored_answer& answer, mono_time now) {
  bool const became_old = with(key, [&](lru_store& one) { return one.note_answer(key, answer, now); });
  if (became_old && disk_ != nullptr) disk_->outdate(mark_of(key));
}

void shared_cache::note_failure(const cache_key& key, processing_state wanted, mono_time now) {
  with(key, [&](lru_store& one) { one.note_failure(key, wanted, now); });
}

std::vector<lru_store::listed> shared_cache::list(const call_sid& call) const {
  auto const bits = cache_key::call_bits(call, key_);
  auto const changes = changes_.of(bits);
  auto all = stores_.with(bits, [&](const lru_store& one) { return one.list(call, bits); });
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
  stores_.each([&](const lru_store& one) {
    auto const& counts = one.counts();
    sum.entries += counts.entries;
    sum.bytes += counts.bytes;
    for (std::size_t i = 0; i < eviction_count; ++i) sum.evictions[i] += counts.evictions[i];
  });
  return sum;
}

}  // namespace gateway
