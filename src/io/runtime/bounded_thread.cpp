#include "io/runtime/bounded_thread.hpp"

#include <utility>

#include "io/runtime/clock.hpp"

namespace gateway {

void bounded_thread::start(std::function<void()> work) {
  thread_ = std::thread{[this, work = std::move(work)] {
    work();
    std::lock_guard const lock{mutex_};
    ended_ = true;
    changed_.notify_all();
  }};
}

bool bounded_thread::join_until(mono_time deadline) {
  if (!thread_.joinable()) return true;
  {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, deadline - mono_now(), [this] { return ended_; })) return false;
  }
  thread_.join();
  return true;
}

}  // namespace gateway
