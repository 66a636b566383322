// An event of Twilio as one gateway tells it to the others: a message on the feed, sealed. No mark: a message that is lost costs nothing
// but time, because the call's schedule looks again. Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/polling/call_event.hpp"

namespace gateway {

struct told_event {
  std::uint64_t number = 0;  // the same in all gateways that note the event
  call_event what;
};

// The plain form that is sealed.
std::string text_of(const told_event& one);
std::optional<told_event> parse_told_event(std::string_view text);

}  // namespace gateway
