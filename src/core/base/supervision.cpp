#include "core/base/supervision.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::uint64_t most_inherited = 1024;
constexpr std::uint64_t longest_interval = 24ULL * 3600 * 1'000'000;  // µs; a longer interval means no watchdog

std::string with_status(std::string text, std::string_view status) {
  text += "STATUS=";
  for (char const c : status) text += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  return text;
}

}  // namespace

std::size_t inherited_count(std::string_view pid, std::string_view count, std::uint64_t own) {
  if (parse_decimal(pid) != own) return 0;
  auto const number = parse_decimal(count);
  return number && *number <= most_inherited ? *number : 0;
}

std::chrono::microseconds watchdog_interval(std::string_view usec, std::string_view pid, std::uint64_t own) {
  if (!pid.empty() && parse_decimal(pid) != own) return {};
  auto const number = parse_decimal(usec);
  return std::chrono::microseconds{number && *number <= longest_interval ? *number : 0};
}

std::optional<std::size_t> stuck_lane(std::span<const mono_time> last_moved, mono_time now, std::chrono::nanoseconds limit) {
  auto const stuck = std::find_if(last_moved.begin(), last_moved.end(), [&](mono_time at) { return at < now - limit; });
  if (stuck == last_moved.end()) return std::nullopt;
  return static_cast<std::size_t>(stuck - last_moved.begin());
}

std::string ready_message(std::string_view status) { return with_status("READY=1\n", status); }

std::string reloading_message(mono_time now) {
  auto const usec = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  return with_status("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(usec) + "\n", "reading the settings again");
}

std::string stopping_message(std::string_view status) { return with_status("STOPPING=1\n", status); }

std::string status_message(std::string_view status) { return with_status({}, status); }

}  // namespace gateway
