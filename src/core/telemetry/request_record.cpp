#include "core/telemetry/request_record.hpp"

#include <array>

#include "core/base/json_writer.hpp"

namespace gateway {

std::string_view name_of(outcome o) {
  static constexpr std::array<std::string_view, outcome_count> names{"hit",    "stale",    "negative_hit", "miss",  "coalesced",
                                                                     "bypass", "rejected", "shed",         "failed"};
  return names[static_cast<std::size_t>(o)];
}

outcome outcome_of(fault f) {
  if (is_shed(f)) return outcome::shed;
  return side_of(f) == side::client ? outcome::rejected : outcome::failed;
}

std::string access_line(const request_record& record, wall_time at) {
  auto const microseconds = [](std::chrono::nanoseconds span) {
    return std::chrono::duration_cast<std::chrono::microseconds>(span).count();
  };
  std::string line;
  {
    json_object entry{line};
    entry.text("type", "access");
    entry.number("time_us", microseconds(at.time_since_epoch()));
    entry.text("request_id", record.request_id);
    entry.text("outcome", name_of(record.ended));
    entry.number("status", record.status);
    if (record.why) entry.text("fault", name_of(*record.why));
    entry.number("duration_us", microseconds(record.hops.total()));
    entry.begin("hops_us");
    json_object hops{line};
    for (std::size_t i = 0; i < hop_count; ++i) {
      auto const spent = record.hops.spent(static_cast<hop>(i));
      if (spent.count() > 0) hops.number(name_of(static_cast<hop>(i)), microseconds(spent));
    }
  }
  return line;
}

}  // namespace gateway
