// The answer to GET /api/stats, which the dashboard draws: one JSON object.
//
//   now_ms, started_ms          Unix time;  version, uptime_s
//   gateway                     {host, upstream, mode}: which one it is
//   state                       {ready, cooling_down, circuit_open, credentials_refused}: not ready = draining; numbers of accounts in
//                               each state
//   totals                      since the start, each an object of counts by name: requests (by outcome), faults, upstream (by result),
//                               upstream_avoided (by how), sheds (by reason), retries, handshakes, client_handshakes, not_stored,
//                               evictions, looks (by result), and the counts looks_saved, cool_downs, breaks, connections_accepted,
//                               connections_refused, credential_reloads_failed
//   bounds_us                   upper bounds of the buckets of all histograms; each has one more bucket, for slower requests
//   durations, hops             histograms by outcome and by hop: {buckets: counts, not cumulative; sum_us}
//   profiles                    [{window_s, ranks: [{of: p50|p99|slowest, duration_us, requests, from_us, to_us|null, hops_us}]}]: where
//                               requests of that rank spent their time on average, in the last minute and in the last ten
//   cache                       {bytes, max_bytes, entries}
//   upstream                    {limit, max_in_flight, in_flight, queue, flights, reported_concurrency, idle_connections}
//   connections                 [{listener, open}]
//   history                     {interval_ms, first: the first sample's number (the next one's if the lists are empty), then one list
//                               per figure, oldest first: at_ms, span_ms, requests: by outcome, latency_us: {all|memory|upstream: {p50,
//                               p90, p99; null: no request was answered}}, upstream_calls, upstream_avoided, throttled, upstream_failures,
//                               evictions (cache full), limit, in_flight, queue, cache_bytes}
//   accounts                    {known, ways: circuits that stop all accounts, shown: [{upstream, if there are several; account: by name or
//                               fingerprint; limit, in_flight, waiting, credential_refused, circuits that are not closed: [{resource,
//                               circuit: cool_down|pause|breaker, state, since_s, probe, probe_in_ms, cause}]}]}: the troubled and busiest
//                               ones
//   webhook                     {deliveries: by result, noted: events, last_noted_ms: 0: none yet}, with the listener for events
//   clients                     [{client, requests, hits, …}], if clients are counted separately
//
// No credential, no CallSid, and no text from clients except for the names in `clients`. New members may be added at any time.
// Thread rule: pure function.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/telemetry/account_report.hpp"
#include "core/telemetry/history.hpp"
#include "core/telemetry/metrics_snapshot.hpp"

namespace gateway {

// Which gateway it is, among several.
struct gateway_identity {
  std::string_view host;      // where it runs
  std::string_view upstream;  // the host that it asks
  std::string_view mode;      // of credentials
};

struct stats_view {
  const metrics_snapshot& counted;
  const history& past;
  wall_time now;
  std::uint64_t after = 0;     // the requester already has the samples up to this number
  std::string_view clients{};  // a JSON list; "" for none
  gateway_identity who{};
  account_report accounts{};
};

std::string stats_json(const stats_view& view);

}  // namespace gateway
