// Places for exchanges with the upstream, over all workers: at most `limit` at once, the others wait in the order they came.
// Thread rule: any thread; the mutex is never held across a wait.
#pragma once

#include <list>
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

  // No place if none became free by the deadline, or after close().
  task<place> acquire(executor where, mono_time deadline);
  // A place only if one is free and nobody waits: for work that can be left undone.
  place try_acquire();
  // From now on there are no places: whoever waits is told at once.
  void close();

  struct load {
    std::uint64_t in_flight, waiting, limit;
  };
  [[nodiscard]] load now() const;

private:
  struct waiter {
    std::shared_ptr<sleeper> who;
    bool waits = false;    // protected by mutex_: its place in the queue is `at`
    bool granted = false;  // protected by mutex_
    std::list<std::shared_ptr<waiter>>::iterator at;
  };

  bool take_or_queue(const std::shared_ptr<waiter>& one);
  bool settle(const std::shared_ptr<waiter>& one);
  void release();

  mutable std::mutex mutex_;
  std::uint64_t limit_;
  std::uint64_t in_flight_ = 0;                 // protected by mutex_
  std::list<std::shared_ptr<waiter>> waiting_;  // protected by mutex_; a list, so that leaving from the middle costs nothing
  bool closed_ = false;                         // protected by mutex_
};

}  // namespace gateway
