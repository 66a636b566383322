#include "io/runtime/clock.hpp"

namespace gateway {

mono_time mono_now() { return std::chrono::steady_clock::now(); }

instant now() {
  instant const both{mono_now(), std::chrono::system_clock::now()};
  return both;
}

void date_text::refresh(mono_time now) {
  if (now < stale_at_) return;
  wall_ = std::chrono::system_clock::now();
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
