// What a client prefers (RFC 7240): wait=N, the time in whole seconds that it is willing to wait for an answer that is not ready.
// Thread rule: pure function.
#pragma once

#include <chrono>
#include <optional>

#include "core/request/field_lines.hpp"

namespace gateway {

// Of several the first one counts (RFC 7240 §2), if it is readable. A zero counts as absent. At most a day.
std::optional<std::chrono::seconds> preferred_wait(const field_lines& prefer);

}  // namespace gateway
