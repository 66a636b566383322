#include "core/telemetry/metric_table.hpp"

namespace gateway {
namespace {

// One labelled sample for each value of an enum.
template <class Enum, class Cells>
void each(metric_family& f, std::string_view label_name, const Cells& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) f.sample(label(label_name, name_of(static_cast<Enum>(i))), cells[i]);
}

void requests(metric_family& f, const metrics_snapshot& now) {
  for (std::size_t o = 0; o < outcome_count; ++o) {
    for (std::size_t s = 0; s < status_slots; ++s) {
      auto const count = now.totals.requests[o][s];
      if (count == 0) continue;  // a series appears with its first request; there are at most outcomes × statuses
      std::string status = s < counted_statuses.size() ? std::to_string(counted_statuses[s]) : "other";
      f.sample(label("outcome", name_of(static_cast<outcome>(o))) + "," + label("status", status), count);
    }
  }
}

void durations(metric_family& f, const metrics_snapshot& now) {
  for (std::size_t o = 0; o < outcome_count; ++o)
    f.histogram(label("outcome", name_of(static_cast<outcome>(o))), now.totals.durations[o], now.exemplars[o]);
}

void hops(metric_family& f, const metrics_snapshot& now) {
  for (std::size_t h = 0; h < hop_count; ++h) f.histogram(label("hop", name_of(static_cast<hop>(h))), now.totals.hops[h]);
}

using snapshot = const metrics_snapshot&;

// clang-format off
constexpr metric_row rows[]{
    {"summary_gateway_requests_total", "counter", "outcome, status", "Answered requests of the data listeners, by outcome and status.", requests},
    {"summary_gateway_request_duration_seconds", "histogram", "outcome", "From the request's first byte to the answer's last byte handed to the kernel.", durations},
    {"summary_gateway_hop_duration_seconds", "histogram", "hop", "Where requests spent their time; the hops of one request are disjoint and sum to its duration.", hops},
    {"summary_gateway_faults_total", "counter", "fault", "Faults by name, as in the Gateway-Fault header.",
     [](metric_family& f, snapshot now) { each<fault>(f, "fault", now.totals.faults); }},
    {"summary_gateway_cache_bytes", "gauge", "", "Memory held by cached answers, keys and overhead included.",
     [](metric_family& f, snapshot now) { f.sample("", now.cache.bytes); }},
    {"summary_gateway_cache_entries", "gauge", "", "Cached answers.",
     [](metric_family& f, snapshot now) { f.sample("", now.cache.entries); }},
    {"summary_gateway_cache_evictions_total", "counter", "reason", "Cached answers dropped, by reason.",
     [](metric_family& f, snapshot now) { each<eviction>(f, "reason", std::to_array(now.cache.evictions)); }},
    {"summary_gateway_not_stored_total", "counter", "reason", "Upstream answers that were not kept, by reason; never: refusals, throttling and failures.",
     [](metric_family& f, snapshot now) { each<not_stored>(f, "reason", now.totals.not_stored); }},
    {"summary_gateway_snapshot_loaded_entries", "gauge", "", "Cached answers that the snapshot of the run before has given this one.",
     [](metric_family& f, snapshot now) { f.sample("", now.snapshot.loaded); }},
    {"summary_gateway_snapshot_entries", "gauge", "", "Cached answers in the last snapshot that was written.",
     [](metric_family& f, snapshot now) { f.sample("", now.snapshot.entries); }},
    {"summary_gateway_snapshot_bytes", "gauge", "", "Size of that file.",
     [](metric_family& f, snapshot now) { f.sample("", now.snapshot.bytes); }},
    {"summary_gateway_snapshot_last_success_timestamp_seconds", "gauge", "", "When it was written, since the Unix epoch; 0 if none was.",
     [](metric_family& f, snapshot now) { f.sample("", now.snapshot.written_seconds); }},
    {"summary_gateway_snapshots_total", "counter", "result", "Snapshots of the cache: written, or failed (not written, or not usable at start).",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "written"), now.snapshot.written);
       f.sample(label("result", "failed"), now.snapshot.failures);
     }},
    {"summary_gateway_upstream_requests_total", "counter", "result", "Exchanges with the upstream by what came of them.",
     [](metric_family& f, snapshot now) { each<upstream_result>(f, "result", now.totals.upstream); }},
    {"summary_gateway_upstream_retries_total", "counter", "reason", "Exchanges repeated: a reused connection died before its answer, or the upstream said 429.",
     [](metric_family& f, snapshot now) { each<retry_reason>(f, "reason", now.totals.retries); }},
    {"summary_gateway_upstream_in_flight", "gauge", "", "Upstream exchanges under way.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.in_flight); }},
    {"summary_gateway_upstream_limit", "gauge", "", "Upstream exchanges allowed at once, as learnt: of the account that is allowed the fewest.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.limit); }},
    {"summary_gateway_upstream_queue", "gauge", "", "Requests waiting for a turn upstream.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.waiting); }},
    {"summary_gateway_upstream_unproved", "gauge", "state", "Exchanges under way and requests waiting whose credential the upstream has not accepted yet, and addresses of such that are left alone after failures in a row.",
     [](metric_family& f, snapshot now) {
       f.sample(label("state", "in_flight"), now.limiter.unproved_in_flight);
       f.sample(label("state", "waiting"), now.limiter.unproved_waiting);
       f.sample(label("state", "broken_off"), now.limiter.unproved_broken);
     }},
    {"summary_gateway_upstream_detached", "gauge", "", "Upstream exchanges under way that no client waits for any more.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.detached); }},
    {"summary_gateway_upstream_sheds_total", "counter", "reason", "Requests that got no turn upstream, by reason.",
     [](metric_family& f, snapshot now) { each<shed_reason>(f, "reason", now.limiter.sheds); }},
    {"summary_gateway_upstream_cool_downs_total", "counter", "", "Times that an account was left alone after 429.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.cool_downs); }},
    {"summary_gateway_upstream_breaks_total", "counter", "", "Times that an account was broken off after failures in a row.",
     [](metric_family& f, snapshot now) { f.sample("", now.limiter.breaks); }},
    {"summary_gateway_upstream_accounts", "gauge", "state", "Accounts in trouble: cooling down after 429, or broken off after failures, the last probe included.",
     [](metric_family& f, snapshot now) {
       f.sample(label("state", "cooling_down"), now.limiter.cooling_down);
       f.sample(label("state", "broken_off"), now.limiter.broken);
     }},
    {"summary_gateway_upstream_reported_concurrency", "gauge", "", "The last Twilio-Concurrent-Requests seen: the account's load, other clients included.",
     [](metric_family& f, snapshot now) { f.sample("", now.upstream_reported_concurrency); }},
    {"summary_gateway_upstream_connections", "gauge", "state", "Connections to the upstream by state.",
     [](metric_family& f, snapshot now) {
       f.sample(label("state", "idle"), now.upstream_idle);
       f.sample(label("state", "active"), now.upstream_active);
     }},
    {"summary_gateway_upstream_tls_handshakes_total", "counter", "kind", "TLS handshakes with the upstream by kind.",
     [](metric_family& f, snapshot now) { each<handshake_kind>(f, "kind", now.totals.handshakes); }},
    {"summary_gateway_flights", "gauge", "", "Fetches under way, each shared by everybody who asked for the same call.",
     [](metric_family& f, snapshot now) { f.sample("", now.flights); }},
    {"summary_gateway_grants", "gauge", "", "Pairs of credential and account remembered for sharing: grants.",
     [](metric_family& f, snapshot now) { f.sample("", now.grants); }},
    {"summary_gateway_credential_reloads_total", "counter", "result", "Changed credential and token files, read again: taken over, or unusable and the old ones kept.",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "taken_over"), now.access_reloads);
       f.sample(label("result", "unusable"), now.access_failures);
     }},
    {"summary_gateway_credential_files_unusable", "gauge", "", "Credential and token files that cannot be used now: what they held before stays in force, or has ended because they are gone.",
     [](metric_family& f, snapshot now) { f.sample("", now.access_unusable); }},
    {"summary_gateway_config_last_reload_successful", "gauge", "", "Whether the last reload was taken over, 1 if there was none yet; 0: it was refused, and what ran before runs on.",
     [](metric_family& f, snapshot now) { f.sample("", std::uint64_t{!now.config_reload_failed}); }},
    {"summary_gateway_config_last_reload_success_timestamp_seconds", "gauge", "", "When the last reload was taken over, since the Unix epoch; 0 if there was none.",
     [](metric_family& f, snapshot now) { f.sample("", now.config_reloaded_seconds); }},
    {"summary_gateway_certificate_reloads_total", "counter", "result", "Changed certificate files of listeners, read again: taken over, or unusable and the old ones kept.",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "taken_over"), now.certificate_reloads);
       f.sample(label("result", "unusable"), now.certificate_failures);
     }},
    {"summary_gateway_certificate_expiry_timestamp_seconds", "gauge", "listener", "When the certificate of a TLS listener ends, since the Unix epoch.",
     [](metric_family& f, snapshot now) {
       for (auto const& one : now.certificates) f.sample(label("listener", one.listener), std::chrono::duration<double>(one.at.time_since_epoch()).count());
     }},
    {"summary_gateway_connections", "gauge", "listener", "Open client connections by listener.",
     [](metric_family& f, snapshot now) {
       for (auto const& l : now.connections) f.sample(label("listener", l.listener), l.open);
     }},
    {"summary_gateway_connections_accepted_total", "counter", "", "Client connections accepted.",
     [](metric_family& f, snapshot now) { f.sample("", now.totals.connections_accepted); }},
    {"summary_gateway_connections_refused_total", "counter", "reason", "Client connections closed at once: so many were open in all, or of one address, or the header of the PROXY protocol that they must begin with was missing, malformed or too long.",
     [](metric_family& f, snapshot now) { each<connection_refusal>(f, "reason", now.totals.connections_refused); }},
    {"summary_gateway_connections_displaced_total", "counter", "", "Client connections that were idle, or had not finished a request, closed to make room for new ones.",
     [](metric_family& f, snapshot now) { f.sample("", now.totals.connections_displaced); }},
    {"summary_gateway_client_tls_handshakes_total", "counter", "kind", "TLS handshakes with clients, by how they ended.",
     [](metric_family& f, snapshot now) { each<handshake_kind>(f, "kind", now.totals.client_handshakes); }},
    {"summary_gateway_connection_deadlines_total", "counter", "", "Client connections closed because a header, idle or write deadline passed.",
     [](metric_family& f, snapshot now) { f.sample("", now.totals.connection_deadlines); }},
    {"summary_gateway_access_log_dropped_total", "counter", "", "Lines of the access log that are missing: its queue was full, or they could not be written.",
     [](metric_family& f, snapshot now) { f.sample("", now.totals.access_log_dropped); }},
    {"summary_gateway_spans_total", "counter", "result", "Requests to be told of to a collector of spans: exported, or lost because it was too slow or away.",
     [](metric_family& f, snapshot now) {
       f.sample(label("result", "exported"), now.spans_exported);
       f.sample(label("result", "lost"), now.totals.spans_lost);
     }},
    {"summary_gateway_ready", "gauge", "", "Whether it takes requests: 1 while listening and not draining.",
     [](metric_family& f, snapshot now) { f.sample("", std::uint64_t{now.ready}); }},
    {"summary_gateway_build_info", "gauge", "version", "Always 1; the version is a label.",
     [](metric_family& f, snapshot now) { f.sample(label("version", now.version), std::uint64_t{1}); }},
    {"process_start_time_seconds", "gauge", "", "Start time of the process since the Unix epoch.",
     [](metric_family& f, snapshot now) { f.sample("", now.start_time_seconds); }},
    {"process_cpu_seconds_total", "counter", "", "User and system CPU time spent.",
     [](metric_family& f, snapshot now) { f.sample("", now.cpu_seconds); }},
    {"process_resident_memory_bytes", "gauge", "", "Resident memory.",
     [](metric_family& f, snapshot now) { f.sample("", now.resident_bytes); }},
    {"process_virtual_memory_bytes", "gauge", "", "Virtual memory.",
     [](metric_family& f, snapshot now) { f.sample("", now.virtual_bytes); }},
    {"process_open_fds", "gauge", "", "Open file descriptors.",
     [](metric_family& f, snapshot now) { f.sample("", now.open_fds); }},
    {"process_max_fds", "gauge", "", "File descriptors that the process may have open.",
     [](metric_family& f, snapshot now) { f.sample("", now.max_fds); }},
};
// clang-format on

}  // namespace

std::span<const metric_row> metric_table() { return rows; }

}  // namespace gateway
