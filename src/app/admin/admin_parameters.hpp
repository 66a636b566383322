// The parameters of the admin listener's resources. A query with an unknown or unreadable parameter is refused as a whole, so that
// a mistyped request does nothing instead of something else.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/cache/store.hpp"
#include "core/request/summary_request.hpp"
#include "core/telemetry/recorder.hpp"

namespace gateway {

// Exactly one of call_sid, account_sid and all=true; hard=true erases at once.
struct purge_parameters {
  purge_scope what;
  purge_depth how = purge_depth::soft;
};
std::optional<purge_parameters> read_purge(std::string_view query);

// call_sid, and perhaps the question: state=complete, partial or all. client: mode inject, whose question it is.
struct explain_parameters {
  call_sid call;
  processing_state state = processing_state::absent;
  std::string client{};
};
std::optional<explain_parameters> read_explain(std::string_view query);

// min, client, fault and outcome: which requests. limit: 1 to 1000. Nothing: `why_not` says what would be right.
struct slow_parameters {
  record_filter wanted;
  std::size_t limit = 100;
};
std::optional<slow_parameters> read_slow(std::string_view query, std::string& why_not);

// after: number of the last sample that the reader has; 0 for all of them.
std::optional<std::uint64_t> read_stats(std::string_view query);

// since: number of the last entry of the logbook that the reader has; 0 for all of them.
std::optional<std::uint64_t> read_events(std::string_view query);

}  // namespace gateway
