// By how much this machine's clock differs from the upstream's, as far as one answer proves it. Its Date has whole seconds, and the
// upstream wrote it at an unknown moment of the exchange, so a small difference proves nothing.
// Thread rule: a pure function.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/base/time.hpp"

namespace gateway {

// Above 0: this clock is ahead by that much at least; below 0: behind. Nothing if `date` is no date. `sent`, `received`: of the exchange.
std::optional<std::chrono::milliseconds> clock_skew(std::string_view date, wall_time sent, wall_time received);

}  // namespace gateway
