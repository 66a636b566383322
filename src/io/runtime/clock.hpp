// The only place that reads a clock.
// Thread rule: any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace gateway {

mono_time mono_now();
instant now();

// The Date field's text, made once a second. Thread rule: one worker's.
class date_text {
public:
  std::string_view at(mono_time now);

private:
  std::string text_;
  mono_time stale_at_{};
};

}  // namespace gateway
