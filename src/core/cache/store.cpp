#include "core/cache/store.hpp"

#include <array>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>

namespace gateway {
namespace {

namespace mi = boost::multi_index;

struct slot {
  cache_key key;
  entry_ptr kept;
  std::size_t cost;
  mutable mono_time refresh_again_at{};  // no index depends on these
  mutable bool refresh_failed = false;
};

using slots =
    mi::multi_index_container<slot,
                              mi::indexed_by<mi::sequenced<>, mi::hashed_unique<mi::member<slot, cache_key, &slot::key>, cache_key_hash>>>;

constexpr std::size_t by_use = 0;  // front: least recently used
constexpr std::size_t by_key = 1;

// A heap block's own overhead, glibc: 8 bytes of header, rounded to 16.
constexpr std::size_t heap_block(std::size_t size) { return (size + 8 + 15) / 16 * 16; }

// The slot, four index pointers, and a hash bucket.
constexpr std::size_t slot_cost = heap_block(sizeof(slot) + 4 * sizeof(void*)) + 2 * sizeof(void*);
// make_shared's counters beside the entry.
constexpr std::size_t entry_cost = heap_block(sizeof(entry) + 2 * sizeof(void*));

}  // namespace

struct lru_store::index {
  slots all;
};

std::string_view name_of(eviction reason) {
  static constexpr std::array<std::string_view, eviction_count> names{"capacity", "expired", "replaced", "purged"};
  return names[static_cast<std::size_t>(reason)];
}

lru_store::lru_store(std::size_t max_bytes) : max_bytes_(max_bytes), index_(std::make_unique<index>()) {}
lru_store::~lru_store() = default;
lru_store::lru_store(lru_store&&) noexcept = default;

std::size_t lru_store::cost_of(const entry& kept) {
  return slot_cost + entry_cost + heap_block(kept.wire.capacity() + 1) + heap_block(kept.etag.capacity() + 1);
}

lru_store::found lru_store::find(const cache_key& key, mono_time now) {
  auto& keyed = index_->all.get<by_key>();
  auto const at = keyed.find(key);
  if (at == keyed.end()) return {};
  auto& used = index_->all.get<by_use>();
  auto const place = index_->all.project<by_use>(at);
  if (now >= at->kept->gone_at) {
    used.relocate(used.begin(), place);
    drop_oldest(eviction::expired);
    return {};
  }
  used.relocate(used.end(), place);
  return {at->kept, at->refresh_failed};
}

bool lru_store::insert(const cache_key& key, entry_ptr made, mono_time now) {
  auto const cost = cost_of(*made);
  if (cost > max_bytes_) return false;
  auto& used = index_->all.get<by_use>();
  if (auto const existing = find(key, now).kept) {  // leaves it at the back
    bool const lesser = made->kind == answer_kind::not_ready || made->kind == answer_kind::absent;
    if (existing->kind == answer_kind::complete && lesser) return false;
    used.relocate(used.begin(), std::prev(used.end()));
    drop_oldest(eviction::replaced);
  }
  while (counts_.bytes + cost > max_bytes_) drop_oldest(eviction::capacity);
  used.push_back(slot{key, std::move(made), cost});
  counts_.bytes += cost;
  ++counts_.entries;
  return true;
}

void lru_store::drop_oldest(eviction reason) {
  auto& used = index_->all.get<by_use>();
  counts_.bytes -= used.front().cost;
  --counts_.entries;
  ++counts_.evictions[static_cast<std::size_t>(reason)];
  used.pop_front();
}

bool lru_store::erase(const cache_key& key) {
  auto const found = index_->all.get<by_key>().find(key);
  if (found == index_->all.get<by_key>().end()) return false;
  auto& used = index_->all.get<by_use>();
  used.relocate(used.begin(), index_->all.project<by_use>(found));
  drop_oldest(eviction::purged);
  return true;
}

std::size_t lru_store::erase_call(const call_sid& call) {
  std::size_t erased = 0;
  auto& used = index_->all.get<by_use>();
  for (auto at = used.begin(); at != used.end();) {
    auto const next = std::next(at);
    if (at->key.call == call) {
      used.relocate(used.begin(), at);
      drop_oldest(eviction::purged);
      ++erased;
    }
    at = next;
  }
  return erased;
}

std::size_t lru_store::clear() {
  std::size_t erased = 0;
  for (; counts_.entries > 0; ++erased) drop_oldest(eviction::purged);
  return erased;
}

bool lru_store::claim_refresh(const cache_key& key, mono_time now, mono_time retry_at) {
  auto const found = index_->all.get<by_key>().find(key);
  if (found == index_->all.get<by_key>().end() || now < found->refresh_again_at) return false;
  found->refresh_again_at = retry_at;
  return true;
}

void lru_store::note_refresh_failed(const cache_key& key) {
  auto const at = index_->all.get<by_key>().find(key);
  if (at != index_->all.get<by_key>().end()) at->refresh_failed = true;
}

}  // namespace gateway
