// Places for exchanges with the upstream, over all workers: at most `limit` at once, the others wait in the order they came.
// Thread rule: any thread; the mutex is never held across a wait.
#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "io/runtime/sleeper.hpp"

namespace gateway {

class upstream_slots {
public:
  explicit upstream_slots(std::uint64_t limit) : limit_(limit) {}

  // A place, given back at the end of its scope.
  class place {
  public:
    place() = default;
    explicit place(upstream_slots& from) : from_(&from) {}
    place(place&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
    place& operator=(place&& other) noexcept {
      std::swap(from_, other.from_);
      return *this;
    }
    ~place() {
      if (from_ != nullptr) from_->release();
    }
    explicit operator bool() const { return from_ != nullptr; }

  private:
    upstream_slots* from_ = nullptr;
  };

  // No place if none became free by the deadline.
  task<place> acquire(executor where, mono_time deadline);

  struct load {
    std::uint64_t in_flight, waiting, limit;
  };
  [[nodiscard]] load now() const;

private:
  struct waiter {
    std::shared_ptr<sleeper> who;
    bool granted = false;  // protected by mutex_
  };

  bool try_acquire(const std::shared_ptr<waiter>& otherwise_wait);
  bool settle(const std::shared_ptr<waiter>& one);
  void release();

  mutable std::mutex mutex_;
  std::uint64_t limit_;
  std::uint64_t in_flight_ = 0;                  // protected by mutex_
  std::deque<std::shared_ptr<waiter>> waiting_;  // protected by mutex_
};

}  // namespace gateway
