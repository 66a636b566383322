#include "core/telemetry/request_record.hpp"

#include <array>

#include "core/base/text.hpp"

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
  std::string line = R"({"type":"access","time_us":)";
  append_number(line, microseconds(at.time_since_epoch()));
  line.append(R"(,"request_id":")");
  append_json_escaped(line, record.request_id);
  line.append(R"(","outcome":")").append(name_of(record.ended)).append(R"(","status":)");
  append_number(line, record.status);
  if (record.why) line.append(R"(,"fault":")").append(name_of(*record.why)).append(R"(")");
  line += R"(,"duration_us":)";
  append_number(line, microseconds(record.hops.total()));
  line += R"(,"hops_us":{)";
  for (std::size_t i = 0, written = 0; i < hop_count; ++i) {
    auto const spent = record.hops.spent(static_cast<hop>(i));
    if (spent.count() == 0) continue;
    if (written++ > 0) line += ',';
    line.append("\"").append(name_of(static_cast<hop>(i))).append("\":");
    append_number(line, microseconds(spent));
  }
  return line += "}}";
}

}  // namespace gateway
