#include "app/server/supervisor.hpp"

#include <unistd.h>

#include "core/base/supervision.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {

supervision supervision::from_environment() {
  supervision by;
  by.notify_address = taken_from_environment("NOTIFY_SOCKET");
  auto const interval = taken_from_environment("WATCHDOG_USEC");
  by.watchdog = watchdog_interval(interval, taken_from_environment("WATCHDOG_PID"), static_cast<std::uint64_t>(::getpid()));
  return by;
}

void supervisor::ready(std::string status) {
  status_ = std::move(status);
  notify_.send(ready_message(status_));
}

// While the server ends, reloads are not reported: READY=1 would contradict STOPPING=1.
void supervisor::reloading() const {
  if (!stopping_) notify_.send(reloading_message(mono_now()));
}

void supervisor::reloaded(std::string_view result) const {
  if (!stopping_) notify_.send(ready_message(std::string{result} + "; " + status_));
}

void supervisor::stopping(std::string_view status) {
  notify_.send(std::exchange(stopping_, true) ? status_message(status) : stopping_message(status));
}

task<void> supervisor::watch(std::vector<worker*> lanes) {
  while (watchdog_.count() > 0 && !stopped_) {
    look_at(lanes);
    for (auto* const one : lanes) one->ask_for_pulse();
    timer_.expires_after(watchdog_ / 2);
    co_await timer_.async_wait(use_op);
  }
}

void supervisor::look_at(const std::vector<worker*>& lanes) {
  std::vector<mono_time> moved;
  moved.reserve(lanes.size());
  for (auto const* one : lanes) moved.push_back(one->pulse());
  if (auto const stuck = stuck_lane(moved, mono_now(), watchdog_)) {
    log_entry(logbook_kind::worker_stuck, {{"worker", *stuck}, {"lasted_ms", watchdog_}});
  } else {
    notify_.send(alive_message);
  }
}

void supervisor::stop() {
  stopped_ = true;
  timer_.cancel();
}

}  // namespace gateway
