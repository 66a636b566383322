#include "io/runtime/worker.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace gateway {

void worker::start() {
  beat(mono_now());
  start_task("deadlines", watch_deadlines());
}

// It sleeps until the earliest deadline, and at least for a tick. A worker that ends looks at each tick whether its last task has ended.
task<void> worker::watch_deadlines() {
  steady_timer alarm{get_executor()};
  struct watching {
    explicit watching(deadline_list& list, steady_timer& alarm) : list(list) {
      list.watch([&alarm] { alarm.cancel(); });
    }
    watching(const watching&) = delete;
    watching& operator=(const watching&) = delete;
    ~watching() { list.watch({}); }
    deadline_list& list;
  };
  watching const alarm_of{deadlines, alarm};
  auto earliest = mono_now();
  // This task itself counts as a live one.
  while (!is_ending() || (live.count() > 1 && mono_now() < latest_)) {
    alarm.expires_at(is_draining() ? earliest : std::max(deadlines.due(), earliest));
    co_await alarm.async_wait(use_op);
    auto const now = mono_now();
    if (now < earliest || (now < deadlines.due() && !is_draining())) continue;  // it must be set anew
    deadlines.sweep(now);
    earliest = now + deadline_list::tick;
  }
  beat(mono_time::max());
  left_work_ = live.count() > 1 || unwaited_.count() > 0;
  if (left_work_) loop.stop();  // defence: look-up-unwaited
}

void worker::ask_for_pulse() {
  auto none = not_asked;
  auto const asked_at = mono_now().time_since_epoch().count();
  if (!pulse_asked_at_.compare_exchange_strong(none, asked_at)) return;
  asio::post(loop, [this, asked_at] {
    auto const now = mono_now();
    auto const late = now.time_since_epoch().count() - asked_at;
    if (late > late_.load()) late_ = late;
    pulse_asked_at_ = not_asked;
    beat(now);
  });
}

std::chrono::nanoseconds worker::take_lateness() {
  auto const asked_at = pulse_asked_at_.load();
  auto late = late_.exchange(0);
  if (pulse() == mono_time::max()) return {};  // it has ended
  if (asked_at != not_asked) late = std::max(late, mono_now().time_since_epoch().count() - asked_at);
  return mono_time::duration{late};
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
