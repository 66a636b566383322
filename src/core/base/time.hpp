// Points in time as values: every decision that depends on time takes it as an argument.
// Thread rule: pure functions. Time rule: nothing here reads a clock (io/runtime/clock does).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fixed_text.hpp"

namespace gateway {

using mono_time = std::chrono::steady_clock::time_point;            // for durations, ages and deadlines; never jumps
using wall_time = std::chrono::sys_time<std::chrono::nanoseconds>;  // for dates exchanged with other machines

// The same moment on both clocks.
struct instant {
  mono_time mono;
  wall_time wall;
};

// Reads an RFC 3339 timestamp such as Twilio's "2026-01-09T00:34:49Z" (offsets and fractions allowed).
std::optional<wall_time> parse_rfc3339(std::string_view text);
// The same in UTC, with milliseconds: "2026-01-09T00:34:49.250Z".
std::string rfc3339_of(wall_time at);

// RFC 9110 §5.6.7 IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(wall_time at);
// The same without the heap.
using date_chars = fixed_text<40>;
date_chars date_field(wall_time at);

// Reads that form and the two obsolete ones, which a recipient must accept: RFC 850's "Sunday, 06-Nov-94 08:49:37 GMT" and asctime's
// "Sun Nov  6 08:49:37 1994". `now` decides the century of a year with two digits.
std::optional<wall_time> parse_http_date(std::string_view text, wall_time now);

// Whole seconds, never negative: the unit of Age and ttl.
inline std::chrono::seconds whole_seconds(std::chrono::nanoseconds span) {
  return std::max(std::chrono::floor<std::chrono::seconds>(span), std::chrono::seconds{0});
}

}  // namespace gateway
