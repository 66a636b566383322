#include "core/cache/read_table.hpp"

#include <algorithm>
#include <bit>

#include "core/cache/store_slot.hpp"

namespace gateway {
namespace {

constexpr std::size_t most_buckets = std::size_t{1} << 22;

}  // namespace

read_table::read_table(std::size_t max_bytes)
    : mask_(std::bit_ceil(std::clamp<std::size_t>(max_bytes / 2048 / bucket{}.places.size(), 1, most_buckets)) - 1),
      buckets_(std::make_unique<bucket[]>(mask_ + 1)) {}

read_table::reader read_table::join() {
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    if (readings_[i].taken.exchange(true)) continue;
    auto known = joined_.load();
    while (known <= i && !joined_.compare_exchange_weak(known, i + 1)) continue;
    return reader{&readings_[i]};
  }
  return {};
}

// Nothing is known yet of the slot's memory.
const store_slot* read_table::seen_at(const place& one, const cache_key& key) {
  return one.hash.load(std::memory_order_acquire) == key.hash ? one.what.load(std::memory_order_acquire) : nullptr;
}

// The reader says what it is about to read and looks once more. Either it sees that the slot has been taken out, or is_read() sees the
// reader: sequential consistency puts these four steps into one order. The slot's memory may have become another entry's meanwhile.
bool read_table::holds(const place& one, const store_slot* what, const cache_key& key, reader& by) {
  by.at_->what.store(what, std::memory_order_seq_cst);
  if (one.what.load(std::memory_order_seq_cst) == what && what->key == key) return true;  // defence: read-after-saying-so
  by.end();
  return false;
}

const store_slot* read_table::find(const cache_key& key, reader& by) const {
  for (auto const& one : bucket_of(key).places) {
    auto const* const what = seen_at(one, key);
    if (what != nullptr && holds(one, what, key, by)) return what;
  }
  return nullptr;
}

// Stores of other shards may want the same place at this moment.
void read_table::put(const store_slot& one) {
  for (auto& at : bucket_of(one.key).places) {
    const store_slot* nothing = nullptr;
    if (!at.what.compare_exchange_strong(nothing, &one)) continue;
    at.hash.store(one.key.hash, std::memory_order_release);
    return;
  }
}

void read_table::take(const store_slot& one) {
  for (auto& at : bucket_of(one.key).places) {
    if (at.what.load(std::memory_order_relaxed) == &one) at.what.store(nullptr, std::memory_order_seq_cst);  // defence: erased-unreadable
  }
}

bool read_table::is_read(const store_slot& one) const {
  auto const joined = readings_.begin() + static_cast<std::ptrdiff_t>(joined_.load(std::memory_order_seq_cst));
  return std::any_of(readings_.begin(), joined, [&](const reading& by) { return by.what.load(std::memory_order_seq_cst) == &one; });
}

}  // namespace gateway
