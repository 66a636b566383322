#include "io/runtime/worker.hpp"

namespace gateway {

void worker::start() {
  beat(mono_now());
  start_task("deadlines", watch_deadlines());
}

task<void> worker::watch_deadlines() {
  steady_timer timer{get_executor()};
  // This task itself counts as a live one.
  while (!is_ending() || (live.count() > 1 && mono_now() < latest_)) {
    timer.expires_after(deadline_list::tick);
    co_await timer.async_wait(use_op);
    auto const now = mono_now();
    beat(now);
    deadlines.sweep(now);
  }
  beat(mono_time::max());
  left_work_ = live.count() > 1 || unwaited_.count() > 0;
  if (left_work_) loop.stop();  // defence: look-up-unwaited
}

void worker::run_on_thread(std::function<void()> ended) {
  thread_ = std::thread{[this, ended = std::move(ended)] {
    loop.run();
    ended();
  }};
}

void worker::join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace gateway
