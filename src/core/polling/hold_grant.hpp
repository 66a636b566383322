// How long a reader of what is not ready is held: as long as it prefers, as the operator allows, and as its own deadline leaves.
// Thread rule: pure function. Time rule: moments are arguments.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "core/base/time.hpp"

namespace gateway {

struct hold_grant {
  std::chrono::seconds wait{0};  // for Preference-Applied (RFC 7240 §3)
  mono_time end;
};

// `asked_at`: when the request was complete, as the client counts. `random`: 64 random bits; they spread the end over the last sixteenth,
// so that a crowd that came together does not come back together. Nothing: no reader is held.
inline std::optional<hold_grant> grant_hold(std::chrono::seconds prefers, std::chrono::nanoseconds max_hold,
                                            std::optional<std::chrono::nanoseconds> deadline, mono_time asked_at, std::uint64_t random) {
  using std::chrono::nanoseconds;
  auto const granted = std::min<nanoseconds>(prefers, max_hold);
  if (granted <= nanoseconds{0}) return std::nullopt;
  auto const longest = std::min(granted, deadline.value_or(granted));
  auto const spread = longest / 16;
  auto const early = nanoseconds{static_cast<std::int64_t>(random % static_cast<std::uint64_t>(spread.count() + 1))};
  return hold_grant{std::chrono::ceil<std::chrono::seconds>(granted), asked_at + longest - early};
}

}  // namespace gateway
