// Lets a task wait for another task, perhaps on another thread, but never longer than a deadline: a timer whose expiry is the deadline and
// whose cancellation is the wake-up.
// Thread rule: made and awaited on its own worker; wake() from any thread.
#pragma once

#include <memory>

#include "core/base/time.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

class sleeper : public std::enable_shared_from_this<sleeper> {
public:
  explicit sleeper(const executor& where) : timer_(where) {}

  // True if woken, false if the deadline came first. A wake-up before the wait counts, and several before it count as one.
  task<bool> sleep_until(mono_time deadline);

  // Posts to the sleeper's own thread. Shared ownership makes this safe even if the task has long continued.
  void wake();

private:
  steady_timer timer_;
  bool woken_ = false;  // touched on the sleeper's thread only
};

}  // namespace gateway
