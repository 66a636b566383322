// Writes that are under way. Until a write ends, its own credential's copies of the call may be old. There are never more writes than
// exchanges under way. Thread rule: any thread; a request that is answered from the cache takes the lock only during a write.
#pragma once

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "core/cache/key.hpp"

namespace gateway {

class pending_writes {
public:
  // The write is under way for the lifetime of this object.
  class place {
  public:
    place(pending_writes& all, const cache_key& what) : all_(all), what_(what.bits_of_all_spellings()) { all_.count(what_, 1); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() { all_.count(what_, -1); }

  private:
    pending_writes& all_;
    std::uint64_t what_;
  };

  [[nodiscard]] bool are_under_way() const { return total_.load(std::memory_order_relaxed) > 0; }
  [[nodiscard]] bool covers(const cache_key& what) const {
    if (total_.load(std::memory_order_relaxed) == 0) return false;
    std::lock_guard const lock{mutex_};
    return under_way_.contains(what.bits_of_all_spellings());
  }

private:
  void count(std::uint64_t what, int by) {
    std::lock_guard const lock{mutex_};
    total_.fetch_add(by, std::memory_order_relaxed);
    if ((under_way_[what] += by) == 0) under_way_.erase(what);
  }

  std::atomic<int> total_{0};
  mutable std::mutex mutex_;
  std::unordered_map<std::uint64_t, int> under_way_;  // by bits_of_all_spellings(); protected by mutex_
};

}  // namespace gateway
