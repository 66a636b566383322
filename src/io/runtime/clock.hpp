// The only place that reads a clock.
// Thread rule: any thread.
#pragma once

#include <string_view>

#include "core/base/time.hpp"

namespace gateway {

mono_time mono_now();
instant now();

// The Date field's text, made once a second, and with it the wall clock, looked at as often. Thread rule: one worker's.
class date_text {
public:
  std::string_view at(mono_time now);
  // The same moment on both clocks, without reading one: right to a second even when the wall clock was set.
  instant instant_at(mono_time now);

private:
  void refresh(mono_time now);

  date_chars text_;
  wall_time wall_{};
  mono_time seen_at_{};
  mono_time stale_at_{};
};

}  // namespace gateway
