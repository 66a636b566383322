// Tables of one kind, each behind its own mutex, so that workers seldom contend. A key always belongs to the same table.
// Thread rule: any thread; a mutex is held while `work` runs, never across a wait.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/auth/partition.hpp"
#include "core/cache/table_count.hpp"

namespace gateway {

template <class Table>
class sharded {
public:
  static constexpr std::size_t usual_count = 16;

  // Each of the `count` tables is constructed from `parts`.
  template <class... Parts>
  explicit sharded(std::size_t count, const Parts&... parts) {
    for (std::size_t i = 0; i < count; ++i) shards_.push_back(std::make_unique<shard>(parts...));
  }

  [[nodiscard]] std::size_t count() const { return shards_.size(); }

  // `hash` is keyed, and always the same for one key.
  template <class Work>
  auto with(std::uint64_t hash, Work&& work) const {
    return with_table(table_of(hash, shards_.size()), work);
  }
  template <class Work>
  auto with(const partition& who, Work&& work) const {
    return with(who.bits(), work);
  }
  template <class Work>
  auto with_table(std::size_t index, Work&& work) const {
    auto& one = *shards_[index];
    std::lock_guard const lock{one.mutex};
    return work(one.table);
  }
  // Calls `work` for one table after the other.
  template <class Work>
  void each(Work&& work) const {
    for (std::size_t i = 0; i < shards_.size(); ++i) with_table(i, work);
  }
  // The same in small steps, so that no other thread waits long for a table: `work` is called until it returns that the table is done.
  template <class Work>
  void each_in_steps(Work&& work) const {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      while (!with_table(i, work)) continue;
    }
  }
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    each([&](const Table& one) { sum += one.size(); });
    return sum;
  }

private:
  // Each shard has a cache line of its own, so that a lock on one does not slow the next (false sharing).
  struct alignas(64) shard {
    template <class... Parts>
    explicit shard(const Parts&... parts) : table(parts...) {}
    std::mutex mutex;
    Table table;  // protected by mutex
  };

  std::vector<std::unique_ptr<shard>> shards_;
};

}  // namespace gateway
