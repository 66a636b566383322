// A value that one thread replaces as a whole while other threads read it. A reader keeps its copy until an edition number shows that there
// is a newer value.
// Thread rule: replace() and get() on any thread; a reader belongs to one thread, and the result of current() is unchanged until the next
// call.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace gateway {

template <class T>
class published {
public:
  using pointer = std::shared_ptr<const T>;

  explicit published(pointer first) : value_(std::move(first)) {}

  void replace(pointer next) {
    std::lock_guard const lock{mutex_};
    value_.swap(next);
    edition_.fetch_add(1, std::memory_order_release);
  }

  [[nodiscard]] pointer get() const {
    std::lock_guard const lock{mutex_};
    return value_;
  }

  class reader {
  public:
    explicit reader(const published& from) : from_(from), value_(from.get()) {}

    const T& current() {
      // The edition is read before the value: if a replacement comes between, the value is at worst fetched twice.
      if (auto const edition = from_.edition_.load(std::memory_order_acquire); edition != edition_) {
        value_ = from_.get();
        edition_ = edition;
      }
      return *value_;
    }

  private:
    const published& from_;
    pointer value_;
    std::uint64_t edition_ = 0;
  };

private:
  mutable std::mutex mutex_;
  pointer value_;                          // protected by mutex_; never null
  std::atomic<std::uint64_t> edition_{0};  // counts replacements
};

}  // namespace gateway
