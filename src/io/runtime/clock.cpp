#include "io/runtime/clock.hpp"

namespace gateway {

namespace {

// From the first look on, the time passes at the speed of this build.
template <class Clock>
auto read() {
  auto const real = Clock::now();
  if constexpr (clock_speed == 1) {
    return real;
  } else {
    static auto const begun = real;
    return begun + (real - begun) * clock_speed;
  }
}

}  // namespace

mono_time mono_now() { return read<std::chrono::steady_clock>(); }

instant now() {
  instant const both{mono_now(), read<std::chrono::system_clock>()};
  return both;
}

void date_text::refresh(mono_time now) {
  if (now < stale_at_) return;
  wall_ = read<std::chrono::system_clock>();
  seen_at_ = now;
  text_ = date_field(wall_);
  stale_at_ = now + (std::chrono::floor<std::chrono::seconds>(wall_) + std::chrono::seconds{1} - wall_);
}

std::string_view date_text::at(mono_time now) {
  refresh(now);
  return text_.view();
}

instant date_text::instant_at(mono_time now) {
  refresh(now);
  return {now, wall_ + (now - seen_at_)};
}

}  // namespace gateway
