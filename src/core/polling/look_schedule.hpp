// When the upstream is asked again about a call whose summary is not ready: one schedule for all that wait for it.
// Source of the rhythm: Twilio makes the first partial about 10 min after a call's end, and the complete summary about 30 min after it.
// Thread rule: pure functions. Time rule: a plan depends on the life alone; its owner compares it with now.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "core/base/time.hpp"
#include "core/polling/call_life.hpp"

namespace gateway {

struct look_rules {
  std::chrono::nanoseconds least_step = std::chrono::seconds{5};       // cache.not_ready_for: between any two looks
  std::chrono::nanoseconds longest_step = std::chrono::minutes{2};     // polling.longest_step: while the call's end is not known
  std::chrono::nanoseconds complete_after = std::chrono::minutes{30};  // polling.complete_after: from the call's end
  friend bool operator==(const look_rules&, const look_rules&) = default;
};

enum class look_reason : std::uint8_t {
  end_unknown,         // no partial yet
  end_unknown_events,  // no partial yet, and an event will come with it
  complete_due,        // the complete summary is expected
  complete_due_soon,   // it is overdue by a few minutes
  complete_late,       // it is overdue by more
  complete_events,     // an event should have come
  event,               // an event came
  retry_after,         // the upstream asked for that pause
};
inline constexpr std::size_t look_reason_count = 8;
// For operators: the rest of a sentence that begins with "because".
std::string_view explained(look_reason why);

struct look_plan {
  mono_time at;
  look_reason why = look_reason::end_unknown;
};

// `events_arrive`: Twilio's events about calls of this partition come in.
look_plan next_look(const call_life& life, const look_rules& rules, bool events_arrive);

}  // namespace gateway
