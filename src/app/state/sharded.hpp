// Tables of one kind behind a mutex each, so that two workers seldom meet: what is known of one partition is always in the same one.
// Thread rule: any thread; a mutex is never held across a wait.
#pragma once

#include <array>
#include <memory>
#include <mutex>

#include "core/auth/partition.hpp"

namespace gateway {

template <class Table>
class sharded {
public:
  // Each table is made of these.
  template <class... Parts>
  explicit sharded(const Parts&... parts) {
    for (auto& one : shards_) one = std::make_unique<shard>(parts...);
  }

  template <class Work>
  auto with(const partition& who, Work&& work) const {
    auto& one = *shards_[who.bits() >> 60];
    std::lock_guard const lock{one.mutex};
    return work(one.table);
  }
  template <class Work>
  void each(Work&& work) const {
    for (auto const& one : shards_) {
      std::lock_guard const lock{one->mutex};
      work(one->table);
    }
  }
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    each([&](const Table& one) { sum += one.size(); });
    return sum;
  }

private:
  // A line of its own, so that one worker's lock does not slow its neighbour's.
  struct alignas(64) shard {
    template <class... Parts>
    explicit shard(const Parts&... parts) : table(parts...) {}
    std::mutex mutex;
    Table table;  // protected by mutex
  };
  static constexpr std::size_t shard_count = 16;

  std::array<std::unique_ptr<shard>, shard_count> shards_;
};

}  // namespace gateway
