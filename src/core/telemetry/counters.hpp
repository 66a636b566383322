// The counters of one worker. Only the worker's own thread adds; a scrape reads from another thread and may see a half-counted request.
// Thread rule: single writer, any reader. Labels are enums and a fixed list of statuses, so no client can add a series.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "core/auth/proof_refusal.hpp"
#include "core/base/fault.hpp"
#include "core/cache/admission.hpp"
#include "core/telemetry/request_record.hpp"
#include "core/telemetry/upstream_avoided.hpp"

namespace gateway {

class counter {
public:
  // Not a read-modify-write: with one writer, no locked instruction is needed.
  void add(std::uint64_t n = 1) { value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

// Upper bounds in nanoseconds: 10 µs … 30 s, then +Inf.
inline constexpr std::array<std::int64_t, 20> duration_bounds{10'000,        25'000,        50'000,        100'000,        250'000,
                                                              500'000,       1'000'000,     2'500'000,     5'000'000,      10'000'000,
                                                              25'000'000,    50'000'000,    100'000'000,   250'000'000,    500'000'000,
                                                              1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000, 30'000'000'000};

inline constexpr std::size_t duration_bucket_count = duration_bounds.size() + 1;
inline std::size_t duration_bucket(std::chrono::nanoseconds span) {
  return static_cast<std::size_t>(std::ranges::lower_bound(duration_bounds, span.count()) - duration_bounds.begin());
}

template <class Cell>
struct histogram_of {
  std::array<Cell, duration_bucket_count> buckets{};  // not cumulative
  Cell sum_ns{};
};

struct histogram : histogram_of<counter> {
  void observe(std::chrono::nanoseconds span) {
    buckets[duration_bucket(span)].add();
    sum_ns.add(static_cast<std::uint64_t>(std::max<std::int64_t>(span.count(), 0)));
  }
};

// The statuses that have their own series; all others share "other".
inline constexpr std::array<int, 22> counted_statuses{200, 201, 204, 304, 400, 401, 403, 404, 405, 413, 414,
                                                      415, 417, 429, 431, 500, 501, 502, 503, 504, 505, 508};
inline std::size_t status_index(int status) {
  return static_cast<std::size_t>(std::ranges::lower_bound(counted_statuses, status) - counted_statuses.begin());
}
inline constexpr std::size_t status_slots = counted_statuses.size() + 1;

enum class upstream_result : std::uint8_t {
  found,
  partial,
  not_ready,
  absent,
  permanent,
  refused,
  throttled,
  rejected,
  passthrough,
  broken,
  timeout,
  unreachable,
  tls,
  egress
};
inline constexpr std::size_t upstream_result_count = 14;
std::string_view name_of(upstream_result result);

// Why a request was sent to the upstream again.
enum class retry_reason : std::uint8_t { dead_connection, throttled };
inline constexpr std::size_t retry_reason_count = 2;
std::string_view name_of(retry_reason why);

enum class handshake_kind : std::uint8_t { full, resumed, failed };
inline constexpr std::size_t handshake_kind_count = 3;
std::string_view name_of(handshake_kind kind);

// Why a client connection was closed before any part of a request was read.
enum class connection_refusal : std::uint8_t { total, address, proxy_missing, proxy_malformed, proxy_too_long };
inline constexpr std::size_t connection_refusal_count = 5;
std::string_view name_of(connection_refusal why);

// What came of asking the fleet's second tier, and of telling it.
enum class tier_result : std::uint8_t {
  summary,    // a summary that another replica stored was used
  refusal,    // the same for a refusal
  lead,       // this replica fetched for the fleet
  wait,       // it waited for another replica's fetch
  alone,      // it went on alone: the other fetch failed, or its own time became short
  no_reply,   // the same, because the engine gave no usable reply
  unusable,   // a stored answer did not open, was older than a mark, or does not fit
  stored,     // what it fetched was stored for the fleet
  overtaken,  // it was not, because its lease had ended
  lost,       // whether it was stored is not known
};
inline constexpr std::size_t tier_result_count = 10;
std::string_view name_of(tier_result what);

// What ended a reader's time of being held, or that it was not held although it asked for it.
enum class hold_result : std::uint8_t {
  answered,  // a summary came, or a refusal that waiting does not change
  waited,    // its time was over
  left,      // its client left
  released,  // the gateway drains, or other settings or credentials came into force
  no_place,  // not held: too many are
};
inline constexpr std::size_t hold_result_count = 5;
std::string_view name_of(hold_result what);

// Whether a field that was not sent on has a row in core/upstream/field_table.
enum class dropped_field : std::uint8_t { known, unknown };
inline constexpr std::size_t dropped_field_count = 2;
std::string_view name_of(dropped_field what);

// What a look at a call whose summary is not ready brought (core/polling). complete: or a refusal that will not change.
enum class look_result : std::uint8_t { not_ready, partial, complete };
inline constexpr std::size_t look_result_count = 3;
std::string_view name_of(look_result what);

template <class Cell, class Histogram>
struct counters_of {
  std::array<std::array<Cell, status_slots>, outcome_count> requests{};
  std::array<Histogram, outcome_count> durations{};
  std::array<Histogram, hop_count> hops{};
  // Nanoseconds by hop, for the requests whose total duration is in that bucket: it shows where fast and slow requests spend their time.
  // Without held readers, whose time is their own choice.
  std::array<std::array<Cell, hop_count>, duration_bucket_count> spent_ns{};
  std::array<Cell, fault_count> faults{};
  std::array<Cell, upstream_result_count> upstream{};
  std::array<Cell, avoided_by_count> avoided{};     // by gateway::avoided_by
  std::array<Cell, not_stored_count> not_stored{};  // by gateway::not_stored
  std::array<Cell, handshake_kind_count> handshakes{};
  std::array<Cell, retry_reason_count> retries{};
  std::array<Cell, tier_result_count> tier{};
  std::array<Cell, hold_result_count> held{};
  std::array<Cell, look_result_count> looks{};
  Cell looks_saved{};
  std::array<Cell, dropped_field_count> fields_dropped{};  // of answers of the upstream
  Cell connections_accepted{};
  std::array<Cell, connection_refusal_count> connections_refused{};
  Cell connections_displaced{};  // closed without a finished request, to make room
  std::array<Cell, handshake_kind_count> client_handshakes{};
  std::array<Cell, proof_refusal_count> proofs_refused{};
  Cell connection_deadlines{};  // closed because the peer was too slow or idle
  Cell spans_lost{};            // requests whose spans did not fit into the queue
  Cell access_log_dropped{};    // requests whose line did not fit into the queue
};

using worker_counters = counters_of<counter, histogram>;
using counter_totals = counters_of<std::uint64_t, histogram_of<std::uint64_t>>;

void account(worker_counters& counters, const request_record& record);

// Adds one worker's counts to a total.
void add_to(counter_totals& totals, const worker_counters& counters);

}  // namespace gateway
