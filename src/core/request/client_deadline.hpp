// The time that a client will wait for an answer: X-Request-Timeout in seconds ("2.5", "2.5s" or "2500ms"). A value that is unreadable or
// zero counts as absent.
// Thread rule: pure function.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace gateway {

std::optional<std::chrono::nanoseconds> client_deadline(std::string_view request_timeout);

}  // namespace gateway
