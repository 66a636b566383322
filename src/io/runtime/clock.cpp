#include "io/runtime/clock.hpp"

namespace gateway {

mono_time mono_now() { return std::chrono::steady_clock::now(); }

instant now() {
  instant const both{mono_now(), std::chrono::system_clock::now()};
  return both;
}

std::string_view date_text::at(mono_time now) {
  if (now >= stale_at_) {
    auto const wall = std::chrono::system_clock::now();
    text_ = http_date(wall);
    stale_at_ = now + (std::chrono::floor<std::chrono::seconds>(wall) + std::chrono::seconds{1} - wall);
  }
  return text_;
}

}  // namespace gateway
