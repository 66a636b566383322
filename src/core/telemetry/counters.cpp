#include "core/telemetry/counters.hpp"

namespace gateway {
namespace {

void sum(std::uint64_t& total, const counter& one) { total += one.get(); }

void sum(histogram_of<std::uint64_t>& total, const histogram& one) {
  for (std::size_t i = 0; i < total.buckets.size(); ++i) sum(total.buckets[i], one.buckets[i]);
  sum(total.sum_ns, one.sum_ns);
}

template <class To, class From, std::size_t N>
void sum(std::array<To, N>& total, const std::array<From, N>& one) {
  for (std::size_t i = 0; i < N; ++i) sum(total[i], one[i]);
}

}  // namespace

std::string_view name_of(upstream_result result) {
  static constexpr std::array<std::string_view, upstream_result_count> names{"found",   "partial",     "not_ready", "absent",  "permanent",
                                                                             "refused", "throttled",   "rejected",  "relayed", "broken",
                                                                             "timeout", "unreachable", "tls",       "egress"};
  return names[static_cast<std::size_t>(result)];
}

std::string_view name_of(retry_reason why) {
  static constexpr std::array<std::string_view, retry_reason_count> names{"dead_connection", "throttled"};
  return names[static_cast<std::size_t>(why)];
}

std::string_view name_of(handshake_kind kind) {
  static constexpr std::array<std::string_view, handshake_kind_count> names{"full", "resumed", "failed"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(connection_refusal why) {
  static constexpr std::array<std::string_view, connection_refusal_count> names{"total", "address", "proxy_missing", "proxy_malformed",
                                                                                "proxy_too_long"};
  return names[static_cast<std::size_t>(why)];
}

std::string_view name_of(look_result what) {
  static constexpr std::array<std::string_view, look_result_count> names{"not_ready", "partial", "complete"};
  return names[static_cast<std::size_t>(what)];
}

std::string_view name_of(dropped_field what) { return what == dropped_field::known ? "known" : "unknown"; }

std::string_view name_of(tier_result what) {
  static constexpr std::array<std::string_view, tier_result_count> names{"summary",  "refusal",  "lead",   "wait",      "alone",
                                                                         "no_reply", "unusable", "stored", "overtaken", "lost"};
  return names[static_cast<std::size_t>(what)];
}

std::string_view name_of(hold_result what) {
  static constexpr std::array<std::string_view, hold_result_count> names{"answered", "waited", "left", "released", "no_place"};
  return names[static_cast<std::size_t>(what)];
}

void account(worker_counters& counters, const request_record& record) {
  auto const ended = static_cast<std::size_t>(record.ended);
  auto const exact = status_index(record.status);
  bool const known = exact < counted_statuses.size() && counted_statuses[exact] == record.status;
  counters.requests[ended][known ? exact : counted_statuses.size()].add();
  auto const whole = record.hops.total();
  counters.durations[ended].observe(whole);
  auto& spent_by_its_like = counters.spent_ns[duration_bucket(whole)];
  for (std::size_t i = 0; i < hop_count; ++i) {
    auto const spent = record.hops.spent(static_cast<hop>(i));
    if (spent.count() <= 0) continue;
    counters.hops[i].observe(spent);
    if (record.ended != outcome::held) spent_by_its_like[i].add(static_cast<std::uint64_t>(spent.count()));
  }
  if (auto const how = avoided_call(record)) counters.avoided[static_cast<std::size_t>(*how)].add();
  if (record.why) counters.faults[static_cast<std::size_t>(*record.why)].add();
}

void add_to(counter_totals& totals, const worker_counters& counters) {
  sum(totals.requests, counters.requests);
  sum(totals.durations, counters.durations);
  sum(totals.hops, counters.hops);
  sum(totals.spent_ns, counters.spent_ns);
  sum(totals.faults, counters.faults);
  sum(totals.upstream, counters.upstream);
  sum(totals.avoided, counters.avoided);
  sum(totals.not_stored, counters.not_stored);
  sum(totals.handshakes, counters.handshakes);
  sum(totals.retries, counters.retries);
  sum(totals.tier, counters.tier);
  sum(totals.held, counters.held);
  sum(totals.looks, counters.looks);
  sum(totals.looks_saved, counters.looks_saved);
  sum(totals.fields_dropped, counters.fields_dropped);
  sum(totals.connections_accepted, counters.connections_accepted);
  sum(totals.connections_refused, counters.connections_refused);
  sum(totals.connections_displaced, counters.connections_displaced);
  sum(totals.client_handshakes, counters.client_handshakes);
  sum(totals.proofs_refused, counters.proofs_refused);
  sum(totals.connection_deadlines, counters.connection_deadlines);
  sum(totals.spans_lost, counters.spans_lost);
  sum(totals.access_log_dropped, counters.access_log_dropped);
}

}  // namespace gateway
