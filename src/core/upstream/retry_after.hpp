// The upstream's Retry-After within bounds: it may be a number, a date or nonsense, and a wrong clock or a typing error must not stop an
// account for days. Source: RFC 9110 §10.2.3; Twilio documents no Retry-After for its 429.
// Thread rule: pure functions. Time rule: `now` is an argument.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/base/time.hpp"
#include "core/upstream/answer.hpp"

namespace gateway {

// At least a second, at most `longest`; nullopt if the text is neither seconds nor a date.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, wall_time now, std::chrono::seconds longest);

// For a passthrough answer: bounds its Retry-After, or removes it if it cannot be read.
void clamp_retry_after(upstream_answer& answer, wall_time now, std::chrono::seconds longest);

}  // namespace gateway
