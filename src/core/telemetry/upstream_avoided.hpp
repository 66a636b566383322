// Which upstream calls the gateway avoids. Without it each request would be one call. So a request counts, once, if it got an answer and
// nothing was sent for it. Refused, shed and failed requests got none; what was passed on was sent.
// Refreshes and looks are calls of no request: a request that was answered stale counts although a refresh follows.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/telemetry/request_record.hpp"

namespace gateway {

enum class avoided_by : std::uint8_t {
  hit,           // a fresh summary from memory
  stale,         // an older summary from memory: while a refresh runs, or because the upstream fails or is not asked
  negative_hit,  // a remembered refusal, such as "not ready"
  coalesced,     // the fetch of another request brought it
  held,          // a held reader for whom others' exchanges and the looks at its call were enough
  second_tier,   // another gateway of the fleet had stored it
};
inline constexpr std::size_t avoided_by_count = 6;
std::string_view name_of(avoided_by how);

// Nothing if the request is no avoided call.
std::optional<avoided_by> avoided_call(const request_record& record);

}  // namespace gateway
