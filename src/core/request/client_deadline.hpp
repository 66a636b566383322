// The time that a client will wait for an answer: X-Request-Timeout in seconds ("2.5", "2.5s" or "2500ms"), or Prefer: wait in whole
// seconds (RFC 7240 §4.3). A value that is unreadable or zero counts as absent.
// Thread rule: pure function.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/request/field_lines.hpp"

namespace gateway {

// The shorter time if both are given.
std::optional<std::chrono::nanoseconds> client_deadline(std::string_view request_timeout, const field_lines& prefer);

}  // namespace gateway
