#include "core/cache/store.hpp"

#include <algorithm>
#include <array>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

#include "core/cache/freshness.hpp"

namespace gateway {
namespace {

namespace mi = boost::multi_index;

// What a look needs stands in front. No index depends on what is mutable.
struct slot {
  cache_key key;
  entry_ptr kept;
  mutable std::optional<mono_time> checked_at;
  mutable bool refresh_failed = false;
  mutable bool purged = false;
  std::uint32_t changes = 0;
  mutable mono_time refresh_again_at{};
  std::size_t cost = 0;
  wall_time gone_by{};  // the entry's
};

struct owner_of {
  using result_type = partition;
  const partition& operator()(const slot& one) const { return one.key.owner; }
};

struct owner_hash {
  std::size_t operator()(const partition& owner) const { return owner.bits(); }
};

// With the key's hash behind it, so that a walk in this order knows where it is.
struct end_of {
  using result_type = std::pair<wall_time, std::uint64_t>;
  result_type operator()(const slot& one) const { return {one.gone_by, one.key.hash}; }
};

// By use: front is the least recently used. By expiry: by the wall clock, which goes on while a machine is suspended.
using slots =
    mi::multi_index_container<slot,
                              mi::indexed_by<mi::sequenced<>, mi::hashed_unique<mi::member<slot, cache_key, &slot::key>, cache_key_hash>,
                                             mi::hashed_non_unique<owner_of, owner_hash>, mi::ordered_non_unique<end_of>>>;

constexpr std::size_t by_use = 0;
constexpr std::size_t by_key = 1;
constexpr std::size_t by_owner = 2;
constexpr std::size_t by_expiry = 3;

// A heap block's own overhead, glibc: 8 bytes of header, rounded to 16.
constexpr std::size_t heap_block(std::size_t size) { return (size + 8 + 15) / 16 * 16; }

// A string short enough to live in itself owns no block.
std::size_t heap_block_of(const std::string& text) {
  return text.capacity() <= std::string{}.capacity() ? 0 : heap_block(text.capacity() + 1);
}
std::size_t cost_of(const representation* form) { return form == nullptr ? 0 : heap_block(sizeof *form) + heap_block_of(form->wire); }

// The slot, nine pointers of its indices, and two hash tables' buckets (on average three quarters full).
constexpr std::size_t slot_cost = heap_block(sizeof(slot) + 9 * sizeof(void*)) + 3 * sizeof(void*);
// make_shared's counters beside the entry.
constexpr std::size_t entry_cost = heap_block(sizeof(entry) + 2 * sizeof(void*));

}  // namespace

struct lru_store::index {
  slots all;
};

std::string_view name_of(eviction reason) {
  static constexpr std::array<std::string_view, eviction_count> names{"capacity", "expired", "replaced", "purged", "revoked", "withdrawn"};
  return names[static_cast<std::size_t>(reason)];
}

lru_store::lru_store(store_limits limits) : limits_(limits), index_(std::make_unique<index>()) {}
lru_store::~lru_store() = default;

void lru_store::set_limits(store_limits limits) {
  limits_ = limits;
  while (counts_.bytes > limits_.max_bytes) drop_least_used(eviction::capacity);
}

lru_store::lru_store(lru_store&&) noexcept = default;

std::size_t lru_store::cost_of(const entry& kept) {
  return slot_cost + entry_cost + heap_block_of(kept.plain.wire) + gateway::cost_of(kept.gzip.get());
}

lru_store::found lru_store::find(const cache_key& key, const instant& now) {
  auto const& keyed = index_->all.get<by_key>();
  auto const at = keyed.find(key);
  if (at == keyed.end()) return {};
  auto& used = index_->all.get<by_use>();
  auto const place = index_->all.project<by_use>(at);
  if (at->kept->is_gone(now)) {
    used.relocate(used.begin(), place);
    drop_least_used(eviction::expired);
    return {};
  }
  used.relocate(used.end(), place);
  return {at->kept, at->refresh_failed, at->purged, at->checked_at, at->changes};
}

entry_ptr lru_store::peek(const cache_key& key) const {
  auto const& keyed = index_->all.get<by_key>();
  auto const at = keyed.find(key);
  return at == keyed.end() ? nullptr : at->kept;
}

std::optional<not_stored> lru_store::insert(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes) {
  auto const cost = cost_of(*made);
  if (cost > limits_.max_entry_bytes || cost > limits_.max_bytes) return not_stored::too_large;
  auto& used = index_->all.get<by_use>();
  std::optional<mono_time> checked_at;
  if (auto const existing = find(key, now); existing.kept) {  // leaves it at the back
    // What an operator has purged protects nothing.
    if (!existing.purged && !may_replace(existing.kept->kind, made->kind)) return not_stored::lesser;
    checked_at = now.mono;
    used.relocate(used.begin(), std::prev(used.end()));
    drop_least_used(eviction::replaced);
  }
  // Nobody living is put out while the dead take room.
  while (counts_.bytes + cost > limits_.max_bytes && !sweep(now, 1)) continue;
  while (counts_.bytes + cost > limits_.max_bytes) drop_least_used(eviction::capacity);
  auto const gone_by = made->gone_by;
  used.push_back(slot{key, std::move(made), checked_at, false, false, changes, {}, cost, gone_by});
  counts_.bytes += cost;
  ++counts_.entries;
  return std::nullopt;
}

void lru_store::drop_least_used(eviction reason) {
  auto& used = index_->all.get<by_use>();
  counts_.bytes -= used.front().cost;
  --counts_.entries;
  ++counts_.evictions[static_cast<std::size_t>(reason)];
  used.pop_front();
}

bool lru_store::erase(const cache_key& key, eviction reason) {
  auto const found = index_->all.get<by_key>().find(key);
  if (found == index_->all.get<by_key>().end()) return false;
  auto& used = index_->all.get<by_use>();
  used.relocate(used.begin(), index_->all.project<by_use>(found));
  drop_least_used(reason);
  return true;
}

bool lru_store::owns(const partition& owner) const { return index_->all.get<by_owner>().contains(owner); }

void lru_store::add_accounts_of(const partition& owner, std::size_t most, std::vector<account_sid>& to) const {
  auto const [begin, end] = index_->all.get<by_owner>().equal_range(owner);
  for (auto at = begin; at != end && to.size() < most; ++at) {
    auto const& whose = at->kept->account;
    if (whose && std::ranges::find(to, *whose) == to.end()) to.push_back(*whose);
  }
}

std::size_t lru_store::revoke(const partition& owner) {
  std::size_t erased = 0;
  auto& owned = index_->all.get<by_owner>();
  auto& used = index_->all.get<by_use>();
  for (auto at = owned.find(owner); at != owned.end(); at = owned.find(owner), ++erased) {
    used.relocate(used.begin(), index_->all.project<by_use>(at));
    drop_least_used(eviction::revoked);
  }
  return erased;
}

std::size_t lru_store::purge(const purge_scope& what, purge_depth how) {
  std::size_t taken = 0;
  auto& used = index_->all.get<by_use>();
  for (auto at = used.begin(); at != used.end();) {
    auto const next = std::next(at);
    if (what.covers(at->key, *at->kept)) {
      if (how == purge_depth::hard || !at->purged) ++taken;
      at->purged = true;
      if (how == purge_depth::hard) {
        used.relocate(used.begin(), at);
        drop_least_used(eviction::purged);
      }
    }
    at = next;
  }
  return taken;
}

bool lru_store::sweep(const instant& now, std::size_t most) {
  auto const& dying = index_->all.get<by_expiry>();
  auto& used = index_->all.get<by_use>();
  for (std::size_t dropped = 0; !dying.empty() && dying.begin()->gone_by <= now.wall; ++dropped) {
    if (dropped == most) return false;
    used.relocate(used.begin(), index_->all.project<by_use>(dying.begin()));
    drop_least_used(eviction::expired);
  }
  return true;
}

bool lru_store::claim_refresh(const cache_key& key, mono_time now, mono_time retry_at) {
  auto const found = index_->all.get<by_key>().find(key);
  if (found == index_->all.get<by_key>().end() || now < found->refresh_again_at) return false;
  found->refresh_again_at = retry_at;
  return true;
}

void lru_store::note_refresh_failed(const cache_key& key, mono_time now) {
  auto const at = index_->all.get<by_key>().find(key);
  if (at == index_->all.get<by_key>().end()) return;
  at->refresh_failed = true;
  at->checked_at = now;
}

lru_store::restored lru_store::restore(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes) {
  auto const cost = cost_of(*made);
  if (cost > limits_.max_entry_bytes || counts_.bytes + cost > limits_.max_bytes) return restored::no_room;
  auto const& keyed = index_->all.get<by_key>();
  if (auto const at = keyed.find(key); at != keyed.end()) {
    if (!at->kept->is_gone(now)) return restored::present;
    erase(key, eviction::expired);
  }
  auto const gone_by = made->gone_by;
  index_->all.get<by_use>().push_front(slot{key, std::move(made), std::nullopt, false, false, changes, {}, cost, gone_by});
  counts_.bytes += cost;
  ++counts_.entries;
  return restored::kept;
}

std::vector<lru_store::walked> lru_store::walk(place& from, std::size_t most) const {
  std::vector<walked> passed;
  auto const& dying = index_->all.get<by_expiry>();
  for (auto at = dying.lower_bound(std::pair{from.gone_by, from.hash}); at != dying.begin() && passed.size() < most;) {
    --at;
    passed.push_back({at->key, {at->kept, at->refresh_failed, at->purged, at->checked_at, at->changes}});
    from = {at->gone_by, at->key.hash};
  }
  return passed;
}

std::vector<lru_store::listed> lru_store::list(const call_sid& call) const {
  std::vector<listed> all;
  for (auto const& one : index_->all.get<by_use>()) {
    if (one.key.call != call) continue;
    all.push_back({one.key.owner, {one.kept, one.refresh_failed, one.purged, one.checked_at, one.changes}, one.cost, one.refresh_again_at});
  }
  return all;
}

}  // namespace gateway
