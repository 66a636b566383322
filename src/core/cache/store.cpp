#include "core/cache/store.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/cache/freshness.hpp"
#include "core/cache/store_index.hpp"

namespace gateway {
namespace {

// A heap block as glibc allocates it: 8 bytes of header, rounded up to 16.
constexpr std::size_t heap_block(std::size_t size) { return (size + 8 + 15) / 16 * 16; }

// A short string has no block of its own.
std::size_t heap_block_of(const std::string& text) {
  return text.capacity() <= std::string{}.capacity() ? 0 : heap_block(text.capacity() + 1);
}
std::size_t cost_of(const representation* form) { return form == nullptr ? 0 : heap_block(sizeof *form) + heap_block_of(form->wire); }

// The slot, twelve pointers of its indices, and the buckets of three hash tables (on average three quarters full).
constexpr std::size_t slot_cost = heap_block(sizeof(store_slot) + 12 * sizeof(void*)) + 9 * sizeof(void*) / 2;
// The entry, and the two counters that make_shared puts beside it.
constexpr std::size_t entry_cost = heap_block(sizeof(entry) + 2 * sizeof(void*));
// Slots that an eviction looks at to find the one that was used least recently.
constexpr int most_refiled = 1000;

}  // namespace

std::string_view name_of(eviction reason) {
  static constexpr std::array<std::string_view, eviction_count> names{"capacity", "expired", "replaced", "purged", "revoked", "withdrawn"};
  return names[static_cast<std::size_t>(reason)];
}

lru_store::lru_store(store_limits limits, read_table* readers) : limits_(limits), readers_(readers), index_(std::make_unique<index>()) {}
lru_store::~lru_store() = default;
lru_store::lru_store(lru_store&&) noexcept = default;

void lru_store::set_limits(store_limits limits) {
  limits_ = limits;
  free_retired();
  while (counts_.bytes > limits_.max_bytes && counts_.entries > 0) evict_least_recently_used();
}

std::size_t lru_store::cost_of(const entry& stored) {
  return slot_cost + entry_cost + heap_block_of(stored.plain.wire) + gateway::cost_of(stored.gzip.get());
}

lru_store::found lru_store::find(const cache_key& key, const instant& now) {
  auto const at = index_->by_key().find(key);
  if (at == index_->by_key().end()) return {};
  if (at->stored->is_gone(now)) {
    remove(at, eviction::expired);
    return {};
  }
  at->note_use(now.mono, finest_use_step);
  return at->state();
}

lru_store::found lru_store::read(const read_table& from, const cache_key& key, const instant& now, read_table::reader& by) {
  auto const* const at = from.find(key, by);
  if (at == nullptr) return {};
  entry_ref lent{at->stored, by};
  if (lent->is_gone(now)) return {};
  at->note_use(now.mono, from.use_step());
  return at->state(std::move(lent));
}

entry_ptr lru_store::peek(const cache_key& key) const {
  auto const at = index_->by_key().find(key);
  return at == index_->by_key().end() ? nullptr : at->stored;
}

std::optional<not_stored> lru_store::insert(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes) {
  auto const cost = cost_of(*made);
  if (cost > limits_.max_entry_bytes || cost > limits_.max_bytes) return not_stored::too_large;
  std::optional<mono_time> checked_at;
  if (auto const existing = find(key, now); existing.stored) {
    // An entry that the operator has purged may be replaced by any answer.
    if (!existing.purged && !may_replace(existing.stored->kind, made->kind)) return not_stored::lesser;
    // Of two concurrent answers the one whose request began later is the newer one.
    bool const lasts = existing.stored->kind == answer_kind::complete || existing.stored->kind == answer_kind::permanent;
    if (lasts && made->asked_at < existing.stored->asked_at) return not_stored::overtaken;  // defence: older-replaces-none
    checked_at = now.mono;
    remove(index_->by_key().find(key), eviction::replaced);
  }
  free_retired();
  // Expired entries leave before a usable entry is evicted.
  while (counts_.bytes + cost > limits_.max_bytes && !sweep(now, 1)) continue;
  while (counts_.bytes + cost > limits_.max_bytes && counts_.entries > 0) evict_least_recently_used();  // defence: store-bytes
  if (counts_.bytes + cost > limits_.max_bytes) return not_stored::too_large;                           // all that is left is being read
  file(key, std::move(made), cost, now.mono, changes, false);
  if (checked_at) index_->by_key().find(key)->checked_at.note(*checked_at);
  return std::nullopt;
}

void lru_store::file(const cache_key& key, entry_ptr made, std::size_t cost, mono_time use, std::uint32_t changes, bool old) {
  auto const [at, is_new] = index_->by_use().emplace(key, std::move(made), cost, use, changes);
  if (old) at->purged = true;
  counts_.bytes += cost;
  ++counts_.entries;
  if (readers_ != nullptr) readers_->put(*at);
}

// A use is noted at its slot, without a lock. Here the order follows: a slot that was used since it was filed is filed anew.
void lru_store::evict_least_recently_used() {
  auto& by_use = index_->by_use();
  auto least = by_use.begin();
  auto least_use = mono_time::max();
  for (int i = 0; i < most_refiled; ++i) {
    auto const first = by_use.begin();
    auto const use = first->used_at.load(std::memory_order_relaxed);
    if (use < least_use) {
      least = first;
      least_use = use;
    }
    if (use == first->filed_use) break;  // all others were used later
    by_use.modify(first, [&](store_slot& one) { one.filed_use = use; });
  }
  remove(least, eviction::capacity);
}

void lru_store::free_retired() {
  std::erase_if(index_->retired, [this](const auto& one) {
    if (readers_->is_read(one.value())) return false;
    counts_.bytes -= one.value().cost;
    return true;
  });
}

lru_store::restored lru_store::restore(const cache_key& key, entry_ptr made, const instant& now, std::uint32_t changes, bool old) {
  auto const cost = cost_of(*made);
  if (cost > limits_.max_entry_bytes || counts_.bytes + cost > limits_.max_bytes) return restored::no_room;
  if (auto const at = index_->by_key().find(key); at != index_->by_key().end()) {
    if (!at->stored->is_gone(now)) return restored::present;
    remove(at, eviction::expired);
  }
  auto const& by_use = index_->by_use();
  auto const before_all = by_use.empty() ? now.mono : by_use.begin()->filed_use - mono_time::duration{1};
  file(key, std::move(made), cost, before_all, changes, old);
  return restored::stored;
}

bool lru_store::sweep(const instant& now, std::size_t most) {
  free_retired();  // defence: erased-are-freed
  auto const& by_expiry = index_->by_expiry();
  for (std::size_t dropped = 0; !by_expiry.empty() && by_expiry.begin()->gone_by <= now.wall; ++dropped) {
    if (dropped == most) return false;  // defence: expired-leave
    remove(by_expiry.begin(), eviction::expired);
  }
  return true;
}

mono_time::duration lru_store::use_step(mono_time now) const {
  if (counts_.entries == 0 || counts_.bytes < limits_.max_bytes / 2) return coarsest_use_step;
  return std::clamp((now - index_->by_use().begin()->filed_use) / 64, finest_use_step, coarsest_use_step);
}

bool lru_store::claim_refresh(const cache_key& key, mono_time now, mono_time retry_at) {
  auto const at = index_->by_key().find(key);
  if (at == index_->by_key().end() || now < at->refresh_again_at) return false;
  at->refresh_again_at = retry_at;
  return true;
}

void lru_store::give_up_refresh(const cache_key& key, mono_time retry_at) {
  auto const at = index_->by_key().find(key);
  if (at != index_->by_key().end() && at->refresh_again_at == retry_at) at->refresh_again_at = {};
}

bool lru_store::note_answer(const cache_key& key, const not_stored_answer& answer, mono_time now) {
  auto const at = index_->by_key().find(key);
  if (at == index_->by_key().end() || !is_answer_to(at->stored->kind, answer.wanted)) return false;  // defence: same-question
  // An answer to an earlier request says nothing new.
  if (answer.said.asked_at < at->stored->asked_at) return false;
  if (answer.whole && !answer.said.says_the_same_as(*at->stored)) return !at->make_old();  // defence: newer-makes-old
  at->checked_at.note(now);
  at->failed_at.forget();  // defence: answer-ends-failure
  return false;
}

void lru_store::note_failure(const cache_key& key, processing_state wanted, mono_time now) {
  auto const at = index_->by_key().find(key);
  if (at != index_->by_key().end() && is_answer_to(at->stored->kind, wanted)) at->failed_at.note(now);
}

}  // namespace gateway
