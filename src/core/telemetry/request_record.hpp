// What one request came to: filled in along its way, accounted for exactly once when its answer is written.
// Thread rule: belongs to one request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/fault.hpp"
#include "core/telemetry/hop_ledger.hpp"

namespace gateway {

enum class outcome : std::uint8_t { hit, stale, negative_hit, miss, coalesced, bypass, rejected, shed, failed };
inline constexpr std::size_t outcome_count = 9;
std::string_view name_of(outcome o);

// How a fault counts.
outcome outcome_of(fault f);

struct request_record {
  outcome ended = outcome::rejected;
  int status = 0;
  std::optional<fault> why;
  hop_ledger hops;
  std::string request_id;  // kept only for requests that may be logged

  void fail(fault f) {
    why = f;
    ended = outcome_of(f);
  }
};

// A line of the access log: one JSON object. Holds no identifier of a call, an account or a person.
std::string access_line(const request_record& record, wall_time at);

}  // namespace gateway
