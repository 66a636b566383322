// The only place that reads a clock.
// Thread rule: any thread.
#pragma once

#include <string_view>

#include "core/base/time.hpp"

namespace gateway {

mono_time mono_now();
instant now();

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
