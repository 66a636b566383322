// The kinds of entries in the logbook: what happens to the gateway as a whole and an operator may ask for later, such as a circuit breaker
// that opened or a purge. What happens to one request is in the access log.
// Thread rule: values, pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gateway {

enum class log_level : std::uint8_t { debug, info, warning, error };
inline constexpr std::array<std::string_view, 4> log_level_names{"debug", "info", "warning", "error"};
constexpr std::string_view name_of(log_level level) { return log_level_names[static_cast<std::size_t>(level)]; }

enum class logbook_kind : std::uint8_t {
  started,
  circuit_opened,
  circuit_closed,
  cool_down_begun,
  cool_down_ended,
  limit_lowered,
  limit_raised,
  name_unresolved,
  name_resolved,
  addresses_changed,
  upstream_tls_failed,
  upstream_trust_changed,
  upstream_odd_answer,
  loop_refused,
  egress_failed,
  egress_recovered,
  engine_lost,
  engine_connected,
  engine_slow,
  engine_in_time,
  engine_refused,
  marks_missed,
  mark_unreadable,
  journal_failed,
  webhook_refused,
  webhook_accepted,
  credential_doubted,
  credential_refused,
  credential_accepted,
  token_missing,
  token_issued,
  certificate_replaced,
  certificate_refused,
  certificate_ends,
  files_changed,
  file_refused,
  purged,
  number_erased,
  erasure_unconfirmed,
  erasures_unsaved,
  lever_set,
  lever_lifted,
  lever_expired,
  reloaded,
  reload_refused,
  listener_added,
  listener_removed,
  alert_tested,
  change_refused,
  stranger_refused,
  log_files_reopened,
  audit_failed,
  audit_recovered,
  shedding_begun,
  shedding_ended,
  polling_in_vain,
  polling_ended,
  quota_used_up,
  connections_refused,
  connections_accepted,
  log_lines_lost,
  log_lines_whole,
  access_log_failed,
  spans_lost,
  snapshot_loaded,
  snapshot_ignored,
  snapshot_damaged,
  snapshot_written,
  snapshot_last,
  snapshot_failed,
  snapshot_missing,
  snapshot_unused,
  erasure_incomplete,
  drain_begun,
  drain_cut,
  drain_incomplete,
  drained,
  worker_stuck,
  task_failed,
};
inline constexpr std::size_t logbook_kind_count = 79;
std::string_view name_of(logbook_kind kind);

// The part of the audit trail that keeps an entry, so that what comes often pushes out only its like. none: it is no change of the gateway.
enum class audit_part : std::uint8_t { none, purges, changes, refusals, strangers };
inline constexpr std::size_t audit_part_count = 5;

struct logbook_row {
  std::string_view name;
  log_level level;
  // {field}: its value. [text {field}]: left out if the entry has no such field.
  std::string_view sentence;
  bool is_audit = false;  // an operator's change: each one is logged, however many there are
  audit_part part = audit_part::none;
};
const logbook_row& row_of(logbook_kind kind);
// Every operator's change is in the audit trail.
audit_part part_of(logbook_kind kind);

}  // namespace gateway
