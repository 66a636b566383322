// What the metrics tell of the events listener.
// Thread rule: the listener's thread writes and reads them.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/events/delivery_check.hpp"
#include "core/events/event_batch.hpp"
#include "core/telemetry/counters.hpp"

namespace gateway {

// What became of an event in an accepted delivery. The names are label values.
enum class event_result : std::uint8_t {
  noted,
  duplicate,   // it was noted before
  ignored,     // a test, or of a type that says nothing of a summary
  unreadable,  // it does not say which call it is about, or when it was made
};
inline constexpr std::size_t event_result_count = 4;
constexpr std::string_view name_of(event_result what) {
  constexpr std::array<std::string_view, event_result_count> names{"noted", "duplicate", "ignored", "unreadable"};
  return names[static_cast<std::size_t>(what)];
}

struct event_figures {
  std::array<std::uint64_t, delivery_result_count> deliveries{};
  std::array<std::array<std::uint64_t, event_result_count>, event_type_count> events{};
  std::array<histogram_of<std::uint64_t>, event_type_count> ages{};  // from an event's time to its arrival
  double last_noted_seconds = 0;                                     // Unix time of the last one that was noted; 0: none was

  void count(delivery_result what) { ++deliveries[static_cast<std::size_t>(what)]; }
  void count(event_type type, event_result what) { ++events[static_cast<std::size_t>(type)][static_cast<std::size_t>(what)]; }
  void observe_age(event_type type, std::chrono::nanoseconds age) {
    auto& one = ages[static_cast<std::size_t>(type)];
    ++one.buckets[duration_bucket(age)];
    one.sum_ns += static_cast<std::uint64_t>(std::max<std::int64_t>(age.count(), 0));
  }
};

}  // namespace gateway
