// A task that waits for another task, perhaps on another thread, but never longer than a deadline: a timer whose expiry is the deadline and
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

  // True if woken, false if the deadline came first. A wake-up before the wait counts; one counts once.
  task<bool> sleep_until(mono_time deadline);

  // Posted to the sleeper's own thread, which the shared ownership keeps safe even if it has long gone on.
  void wake();

private:
  steady_timer timer_;
  bool woken_ = false;  // touched on the sleeper's thread only
};

}  // namespace gateway
