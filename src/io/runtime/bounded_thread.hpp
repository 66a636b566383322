// A thread whose end is waited for with a bound, because it may hang in a call that nothing interrupts: a disk, a network file system, a
// user database. A process that such a thread has not left in time ends without it (std::_Exit).
// Thread rule: start() and join_until() on the thread that made it.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "core/base/time.hpp"

namespace gateway {

class bounded_thread {
public:
  void start(std::function<void()> work);
  // False if it still runs. True if it has ended, or was never started.
  [[nodiscard]] bool join_until(mono_time deadline);

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;  // protected by mutex_
  std::thread thread_;
};

}  // namespace gateway
