#include "core/request/client_deadline.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"

namespace gateway {
namespace {

// Longer than any client waits, and far from any overflow.
constexpr double longest_seconds = 24 * 3600;

}  // namespace

std::optional<std::chrono::nanoseconds> client_deadline(std::string_view request_timeout) {
  auto text = request_timeout;
  double unit = 1;
  if (text.ends_with("ms")) {
    unit = 0.001;
    text.remove_suffix(2);
  } else if (text.ends_with('s')) {
    text.remove_suffix(1);
  }
  if (text.empty() || !is_digit(text.front())) return std::nullopt;  // from_chars would also take "inf"
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !(value * unit >= 1e-9)) return std::nullopt;
  return std::chrono::nanoseconds{static_cast<std::int64_t>(std::min(value * unit, longest_seconds) * 1e9)};
}

}  // namespace gateway
