// What an event of Twilio says of a call: that its summary has changed. It is a reason to look again, and never an answer.
// Thread rule: a value.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace gateway {

// predicted_complete: Twilio's forecast of the complete summary, which is still partial.
enum class event_kind : std::uint8_t { partial, predicted_complete, complete };

struct call_event {
  event_kind kind = event_kind::partial;
  call_sid call;
  std::optional<account_sid> account;
  wall_time time;  // when Twilio made it
};

}  // namespace gateway
