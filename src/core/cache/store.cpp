#include "core/cache/store.hpp"

#include <algorithm>
#include <array>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <utility>

#include "core/cache/freshness.hpp"

namespace gateway {
namespace {

namespace mi = boost::multi_index;

// What a look needs stands in front. No index depends on what is mutable.
struct slot {
  cache_key key;
  entry_ptr kept;
  mutable std::optional<mono_time> checked_at;
  mutable std::optional<mono_time> failed_at;
  mutable bool purged = false;
  std::uint32_t changes = 0;
  mutable mono_time refresh_again_at{};
  std::size_t cost = 0;
  wall_time gone_by{};  // the entry's

  [[nodiscard]] lru_store::found state() const { return {kept, purged, checked_at, failed_at, changes}; }
};

struct owner_of {
  using result_type = partition;
  const partition& operator()(const slot& one) const { return one.key.owner; }
};

struct owner_hash {
  std::size_t operator()(const partition& owner) const { return owner.bits(); }
};

// Keyed already: of whoever chooses CallSids, none chooses these.
struct call_of {
  using result_type = std::uint64_t;
  result_type operator()(const slot& one) const { return one.key.call_bits(); }
};

struct call_hash {
  std::size_t operator()(std::uint64_t call_bits) const { return call_bits; }
};

// With the key's hash behind it, so that a walk in this order knows where it is.
struct end_of {
  using result_type = std::pair<wall_time, std::uint64_t>;
  result_type operator()(const slot& one) const { return {one.gone_by, one.key.hash}; }
};

// By use: front is the least recently used. By expiry: by the wall clock, which goes on while a machine is suspended.
using slots = mi::multi_index_container<
    slot,
    mi::indexed_by<mi::sequenced<>, mi::hashed_unique<mi::member<slot, cache_key, &slot::key>, cache_key_hash>,
                   mi::hashed_non_unique<owner_of, owner_hash>, mi::ordered_non_unique<end_of>, mi::hashed_non_unique<call_of, call_hash>>>;

constexpr std::size_t by_use = 0;
constexpr std::size_t by_key = 1;
constexpr std::size_t by_owner = 2;
constexpr std::size_t by_expiry = 3;
constexpr std::size_t by_call = 4;

// A heap block's own overhead, glibc: 8 bytes of header, rounded to 16.
constexpr std::size_t heap_block(std::size_t size) { return (size + 8 + 15) / 16 * 16; }

// A string short enough to live in itself owns no block.
std::size_t heap_block_of(const std::string& text) {
  return text.capacity() <= std::string{}.capacity() ? 0 : heap_block(text.capacity() + 1);
}
std::size_t cost_of(const representation* form) { return form == nullptr ? 0 : heap_block(sizeof *form) + heap_block_of(form->wire); }

// The slot, eleven pointers of its indices, and three hash tables' buckets (on average three quarters full).
constexpr std::size_t slot_cost = heap_block(sizeof(slot) + 11 * sizeof(void*)) + 9 * sizeof(void*) / 2;
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
  return at->state();
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
    // Of two that were under way together the one that was asked for last is the newer one.
    bool const lasts = existing.kept->kind == answer_kind::complete || existing.kept->kind == answer_kind::permanent;
    if (lasts && made->asked_at < existing.kept->asked_at) return not_stored::overtaken;
    checked_at = now.mono;
    used.relocate(used.begin(), std::prev(used.end()));
    drop_least_used(eviction::replaced);
  }
  // Nobody living is put out while the dead take room.
  while (counts_.bytes + cost > limits_.max_bytes && !sweep(now, 1)) continue;
  while (counts_.bytes + cost > limits_.max_bytes) drop_least_used(eviction::capacity);
  auto const gone_by = made->gone_by;
  used.push_back(slot{key, std::move(made), checked_at, std::nullopt, false, changes, {}, cost, gone_by});
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

std::size_t lru_store::revoke(const partition& owner, std::size_t most) {
  std::size_t erased = 0;
  auto& owned = index_->all.get<by_owner>();
  auto& used = index_->all.get<by_use>();
  for (auto at = owned.find(owner); at != owned.end() && erased < most; at = owned.find(owner), ++erased) {
    used.relocate(used.begin(), index_->all.project<by_use>(at));
    drop_least_used(eviction::revoked);
  }
  return erased;
}

// Returns 1 if a reader could have been given it.
template <class Place>
std::size_t lru_store::take_from_readers(Place place, purge_depth how) {
  bool const was_marked = std::exchange(place->purged, true);
  if (how == purge_depth::soft) return was_marked ? 0 : 1;
  auto& used = index_->all.get<by_use>();
  used.relocate(used.begin(), index_->all.template project<by_use>(place));
  drop_least_used(eviction::purged);
  return 1;
}

lru_store::purged lru_store::purge(const purge_scope& what, purge_depth how, place& from, std::size_t most) {
  purged made;
  auto const& dying = index_->all.get<by_expiry>();
  for (std::size_t seen = 0; seen < most; ++seen) {
    auto at = dying.lower_bound(std::pair{from.gone_by, from.hash});
    if (at == dying.begin()) {
      made.done = true;
      break;
    }
    --at;
    from = {at->gone_by, at->key.hash};
    if (what.covers(at->key, *at->kept)) made.taken += take_from_readers(at, how);
  }
  return made;
}

std::size_t lru_store::purge(const call_sid& call, std::uint64_t call_bits, purge_depth how) {
  std::size_t taken = 0;
  auto const& of_calls = index_->all.get<by_call>();
  auto [at, end] = of_calls.equal_range(call_bits);
  while (at != end) {
    auto const place = at++;
    if (place->key.call == call) taken += take_from_readers(place, how);
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

bool lru_store::note_answer(const cache_key& key, const not_stored_answer& answer, mono_time now) {
  auto const at = index_->all.get<by_key>().find(key);
  if (at == index_->all.get<by_key>().end() || !is_answer_to(at->kept->kind, answer.wanted)) return false;
  // What was asked for before is no news.
  if (answer.said.asked_at < at->kept->asked_at) return false;
  if (answer.whole && !answer.said.says_the_same_as(*at->kept)) return !std::exchange(at->purged, true);
  at->checked_at = now;
  at->failed_at.reset();
  return false;
}

void lru_store::note_failure(const cache_key& key, processing_state wanted, mono_time now) {
  auto const at = index_->all.get<by_key>().find(key);
  if (at != index_->all.get<by_key>().end() && is_answer_to(at->kept->kind, wanted)) at->failed_at = now;
}

bool lru_store::make_old(const cache_key& key) {
  auto const at = index_->all.get<by_key>().find(key);
  return at != index_->all.get<by_key>().end() && !std::exchange(at->purged, true);
}

lru_store::restored lru_store::restore(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes, bool old) {
  auto const cost = cost_of(*made);
  if (cost > limits_.max_entry_bytes || counts_.bytes + cost > limits_.max_bytes) return restored::no_room;
  auto const& keyed = index_->all.get<by_key>();
  if (auto const at = keyed.find(key); at != keyed.end()) {
    if (!at->kept->is_gone(now)) return restored::present;
    erase(key, eviction::expired);
  }
  auto const gone_by = made->gone_by;
  index_->all.get<by_use>().push_front(slot{key, std::move(made), std::nullopt, std::nullopt, old, changes, {}, cost, gone_by});
  counts_.bytes += cost;
  ++counts_.entries;
  return restored::kept;
}

std::vector<lru_store::walked> lru_store::walk(place& from, std::size_t most) const {
  std::vector<walked> passed;
  auto const& dying = index_->all.get<by_expiry>();
  for (auto at = dying.lower_bound(std::pair{from.gone_by, from.hash}); at != dying.begin() && passed.size() < most;) {
    --at;
    passed.push_back({at->key, at->state()});
    from = {at->gone_by, at->key.hash};
  }
  return passed;
}

std::vector<lru_store::listed> lru_store::list(const call_sid& call, std::uint64_t call_bits) const {
  std::vector<listed> all;
  auto const [first, end] = index_->all.get<by_call>().equal_range(call_bits);
  for (auto at = first; at != end; ++at) {
    if (at->key.call == call) all.push_back({at->key.owner, at->state(), at->cost, at->refresh_again_at});
  }
  return all;
}

}  // namespace gateway
