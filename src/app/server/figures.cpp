// The figures of a server: for scrapes, for the dashboard, and their history.
#include <limits>

#include "app/server/lane.hpp"
#include "app/server/server.hpp"
#include "core/settings/load.hpp"
#include "core/settings/upstreams.hpp"
#include "core/telemetry/stats_json.hpp"
#include "io/process_limits.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {

// Samples are taken at even intervals, however long a sample takes.
task<void> server::keep_history() {
  while (!control_.is_ending()) {
    auto const counted = own_metrics();
    auto const moment = now();
    history_.add(counted, moment);
    auto const clients = counted_clients(std::numeric_limits<std::size_t>::max());
    logbook_watch_.look(counted, clients, moment.mono);
    if (rates_.is_due(moment.mono)) rates_.note(clients, moment.mono);
    history_timer_.expires_at(next_second() + (history::interval - std::chrono::seconds{1}));
    co_await history_timer_.async_wait(use_op);
  }
}

metrics_snapshot server::own_metrics() const {
  metrics_snapshot snapshot;
  for (auto const& one : lanes_) {
    add_to(snapshot.totals, one->at.counters);
    for (auto const& upstream : one->upstreams) snapshot.upstream_idle += upstream->fetches.idle_connections();
  }
  for (auto const& one : listeners_.all()) {
    auto const open = one->connections.open.load(std::memory_order_relaxed);
    if (one->is_open() || open > 0) snapshot.connections.push_back({one->name, open});
    if (one->is_open() && one->certificate.is_used()) snapshot.certificates.push_back({one->name, one->certificate.life()});
    snapshot.certificate_reloads += one->certificate.reloads();
    snapshot.certificate_failures += one->certificate.failures();
  }
  for (auto const& one : control_listeners_)
    snapshot.connections.push_back({std::string{one->listener().name()}, one->listener().connections()});
  snapshot.totals.access_log_dropped += access_log_.lost();
  snapshot.log_dropped = lost_log_lines();
  snapshot.logbook = logbook_entries();
  if (spans_) {
    snapshot.spans_exported = spans_->exported();
    snapshot.totals.spans_lost += spans_->lost();
  }
  snapshot.cache = shared_.cache.counts();
  snapshot.snapshot = snapshots_.figures();
  snapshot.cache_max_bytes = control_.config.cache_bytes();
  snapshot.limiter = shared_.permits.now();
  for (auto const& one : shared_.named) snapshot.limiter = together(snapshot.limiter, one->permits.now());
  snapshot.upstreams = each_upstream();
  snapshot.upstream_max_in_flight = control_.config.upstream.max_in_flight;
  snapshot.upstream_active = snapshot.limiter.in_flight;
  snapshot.upstream_reported_concurrency = shared_.reported_concurrency.load(std::memory_order_relaxed);
  snapshot.flights = shared_.flights.size();
  snapshot.held_readers = shared_.held.held();
  snapshot.polled_calls = shared_.polled.size();
  snapshot.clients_polling_in_vain = logbook_watch_.polling_in_vain();
  snapshot.grants = shared_.visible.grant_count();
  snapshot.config_reload_failed = reload_failed_;
  snapshot.config_reloaded_seconds = std::chrono::duration<double>(reloaded_at_.time_since_epoch()).count();
  snapshot.access_reloads = access_files_.reloads() + admin_token_.reloads();
  snapshot.access_failures = access_files_.failures() + admin_token_.failures();
  snapshot.access_unusable = access_files_.unusable();
  for (auto const& one : upstreams_) {
    snapshot.access_reloads += one->egress.reloads();
    snapshot.access_failures += one->egress.failures();
    snapshot.access_unusable += one->egress.unusable();
  }
  snapshot.files_seen_seconds = std::chrono::duration<double>(files_seen_.time_since_epoch()).count();
  snapshot.credentials_refused = shared_.refused.count();
  snapshot.tokens = tokens_.figures(mono_now());
  if (events_) add_event_figures(snapshot);
  if (fleet_) fleet_->add_figures(snapshot);
  snapshot.ready = ready_;
  snapshot.version = GATEWAY_VERSION;
  snapshot.start_time_seconds = started_at_;
  return snapshot;
}

std::vector<upstream_figures> server::each_upstream() const {
  std::vector<upstream_figures> all;
  for (std::size_t i = 0; !shared_.named.empty() && i < upstreams_.size(); ++i) {
    auto const& name = upstreams_[i]->name;
    auto const& permits = i == 0 ? shared_.permits : shared_.named[i - 1]->permits;
    auto& one = all.emplace_back(
        upstream_figures{std::string{shown_upstream(name)}, permits.now(), upstream_named(control_.config, name).max_in_flight});
    for (auto const& lane : lanes_) one.idle += lane->upstreams[i]->fetches.idle_connections();
  }
  return all;
}

void server::add_event_figures(metrics_snapshot& to) const {
  auto const& one = *events_;
  to.events = one.figures();
  to.connections.push_back({std::string{one.listener().name()}, one.listener().connections()});
  if (one.certificate().is_used()) to.certificates.push_back({std::string{one.listener().name()}, one.certificate().life()});
  to.certificate_reloads += one.certificate().reloads();
  to.certificate_failures += one.certificate().failures();
  to.access_reloads += one.token_reloads();
  to.access_failures += one.token_failures();
  to.access_unusable += one.token_unusable();
}

// What the kernel knows costs a walk through the process's descriptors. The history does without it.
metrics_snapshot server::metrics() const {
  auto snapshot = own_metrics();
  add_process_figures(snapshot);
  return snapshot;
}

// Exemplars first: a request is counted before it is recorded, so each exemplar is one of the counted requests.
metrics_snapshot server::metrics_with_exemplars() const {
  auto const exemplars = recorded({}, std::numeric_limits<std::size_t>::max());
  auto snapshot = metrics();
  for (auto const& one : exemplars)
    snapshot.exemplars[static_cast<std::size_t>(one.of.ended)].push_back(
        {one.of.hops.total(), one.at, {text_of(one.of.trace.trace)}, {one.of.request_id.view()}});
  return snapshot;
}

std::string server::stats(std::uint64_t after) const {
  auto const clients = busiest_clients();
  auto const mode = control_.config.credentials.mode == credentials_mode::inject ? "inject" : "forward";
  return stats_json({own_metrics(), history_, now().wall, after, clients, {host_, upstreams_.front()->where.host_field(), mode}});
}

std::string server::events(std::uint64_t since) const { return logbook_json(since); }

std::string server::settings_report() const { return settings_json(control_.config); }

std::string server::fleet_report() const { return fleet_ ? fleet_->report() : R"({"engine":null})"; }

}  // namespace gateway
