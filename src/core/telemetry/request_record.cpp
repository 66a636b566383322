#include "core/telemetry/request_record.hpp"

#include <array>

namespace gateway {

std::string_view name_of(outcome o) {
  static constexpr std::array<std::string_view, outcome_count> names{"hit",    "stale", "negative_hit", "miss", "coalesced",
                                                                     "bypass", "held",  "rejected",     "shed", "failed"};
  return names[static_cast<std::size_t>(o)];
}

std::optional<outcome> outcome_named(std::string_view name) {
  for (std::size_t i = 0; i < outcome_count; ++i) {
    if (name_of(static_cast<outcome>(i)) == name) return static_cast<outcome>(i);
  }
  return std::nullopt;
}

outcome outcome_of(fault f) {
  if (is_shed(f)) return outcome::shed;
  return side_of(f) == side::client ? outcome::rejected : outcome::failed;
}

logged_method logged_method_of(std::string_view method) {
  if (method == "GET") return logged_method::get;
  if (method == "HEAD") return logged_method::head;
  if (method == "POST") return logged_method::post;
  if (method == "OPTIONS") return logged_method::options;
  return logged_method::other;
}

std::string_view name_of(logged_method method) {
  static constexpr std::array<std::string_view, 6> names{"", "GET", "HEAD", "POST", "OPTIONS", "other"};
  return names[static_cast<std::size_t>(method)];
}

}  // namespace gateway
