// All counters and gauges at one moment: the source of metrics, the dashboard and its history.
// Thread rule: a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/admin_role.hpp"
#include "core/base/certificate_life.hpp"
#include "core/cache/store.hpp"
#include "core/fleet/budget_figures.hpp"
#include "core/fleet/mark_figures.hpp"
#include "core/limit/quota_rule.hpp"
#include "core/limit/upstream_limiter.hpp"
#include "core/telemetry/account_standing.hpp"
#include "core/telemetry/counters.hpp"
#include "core/telemetry/engine_figures.hpp"
#include "core/telemetry/event_figures.hpp"
#include "core/telemetry/lever_figures.hpp"
#include "core/telemetry/logbook.hpp"
#include "core/telemetry/metric_family.hpp"
#include "core/telemetry/token_figures.hpp"
#include "core/telemetry/upstream_figures.hpp"

namespace gateway {

struct listener_connections {
  std::string listener;  // its configured address
  std::uint64_t open = 0;
};

struct listener_certificate {
  std::string listener;  // its configured address
  certificate_life life;
};

// About numbers that operators have erased.
struct erasure_figures {
  std::uint64_t complete = 0;
  std::uint64_t incomplete = 0;  // a gateway of the fleet, its engine or the disk has not confirmed it in time
  std::uint64_t running = 0;     // now
};

// About the snapshot of the cache on disk.
struct snapshot_figures {
  std::uint64_t entries = 0;  // in the last one written
  std::uint64_t bytes = 0;
  double written_seconds = 0;  // Unix time of the last write; 0: none yet
  double took_seconds = 0;     // to write it
  std::uint64_t written = 0;
  std::uint64_t failures = 0;  // of writing one, or of using the existing one
  std::uint64_t loaded = 0;    // entries, at the start
};

struct metrics_snapshot {
  counter_totals totals;
  store_counts cache;
  std::uint64_t cache_max_bytes = 0;
  snapshot_figures snapshot;
  erasure_figures erasures;
  upstream_limiter::load limiter;            // of all upstreams
  std::vector<upstream_figures> upstreams;   // if there are several
  std::vector<account_standing> accounts;    // mode inject
  std::vector<quota_figures> quotas;         // of clients
  std::vector<lever_figures> levers;         // of all upstreams
  std::uint64_t upstream_max_in_flight = 0;  // as configured
  std::uint64_t upstream_reported_concurrency = 0;
  std::optional<std::chrono::milliseconds> clock_skew;  // none until an answer had a Date
  std::uint64_t upstream_idle = 0;
  std::uint64_t upstream_active = 0;
  std::uint64_t flights = 0;
  std::uint64_t held_readers = 0;
  std::uint64_t polled_calls = 0;  // whose summary was not ready at the last look
  std::uint64_t clients_polling_in_vain = 0;
  std::uint64_t grants = 0;
  std::uint64_t spans_exported = 0;
  std::uint64_t log_dropped = 0;
  logbook_counts logbook{};
  std::uint64_t access_reloads = 0;
  std::uint64_t access_failures = 0;
  std::uint64_t access_unusable = 0;      // files, now
  std::uint64_t credentials_refused = 0;  // accounts, now
  double files_seen_seconds = 0;          // Unix time of the last look at the watched files
  bool config_reload_failed = false;      // at the last attempt
  double config_reloaded_seconds = 0;     // Unix time of the last success; 0: none yet
  std::uint64_t certificate_reloads = 0;
  std::uint64_t certificate_failures = 0;
  std::vector<listener_certificate> certificates;
  std::vector<listener_connections> connections;
  std::array<std::vector<exemplar>, outcome_count> exemplars;
  std::optional<engine_figures> engine;             // none without a fleet
  std::optional<mark_figures> marks;                // the same
  std::optional<budget_figures> budget;             // none if no fleet shares the limit
  std::optional<event_figures> events;              // none without the events listener
  std::optional<token_figures> tokens;              // none without an account with OAuth
  std::vector<std::chrono::nanoseconds> lane_lags;  // how late each event loop was, at worst
  std::chrono::nanoseconds control_lag{};           // the same of the control lane
  std::array<std::uint64_t, admin_refusal_faults.size()> admin_refused{};
  std::uint64_t audit_lost = 0;  // lines that admin.audit_file has not got
  bool alert_test = false;       // an operator tests the way of alerts
  bool ready = false;
  std::string_view version;
  double start_time_seconds = 0;  // Unix time
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_fds = 0;
  std::uint64_t max_fds = 0;
};

}  // namespace gateway
