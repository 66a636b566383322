// The only place that reads a clock. A build for benches can make it run faster than the machine's (GATEWAY_CLOCK_SPEED), so that half an
// hour in the life of a call takes two minutes. Timers follow it; what threads wait for with condition variables does not.
// Thread rule: any thread.
#pragma once

#include <string_view>

#include "core/base/time.hpp"

namespace gateway {

#ifndef GATEWAY_CLOCK_SPEED
#define GATEWAY_CLOCK_SPEED 1
#endif
inline constexpr int clock_speed = GATEWAY_CLOCK_SPEED;  // 1: the real time

mono_time mono_now();
instant now();

// For timers: asio's wait_traits for that clock.
struct timer_clock {
  using time_point = mono_time;
  using duration = mono_time::duration;
  using rep = duration::rep;
  using period = duration::period;
  static constexpr bool is_steady = true;
  static time_point now() { return mono_now(); }
};
struct timer_wait {
  static mono_time::duration to_wait_duration(mono_time::duration span) { return span / clock_speed; }
  static mono_time::duration to_wait_duration(mono_time until) { return (until - mono_now()) / clock_speed; }
};

// The text of the Date field, made once a second from the wall clock, which is read as often. Thread rule: belongs to one worker.
class date_text {
public:
  std::string_view at(mono_time now);
  // The same moment on both clocks, without reading either: correct to a second even after the wall clock was set.
  instant instant_at(mono_time now);

private:
  void refresh(mono_time now);

  date_chars text_;
  wall_time wall_{};
  mono_time seen_at_{};
  mono_time stale_at_{};
};

// What happens each second happens at whole seconds, so that it costs one wake-up together.
inline mono_time next_second() { return std::chrono::floor<std::chrono::seconds>(mono_now()) + std::chrono::seconds{1}; }

}  // namespace gateway
