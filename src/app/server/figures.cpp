// The figures of a server: for scrapes, for the dashboard, and their history.
#include <algorithm>
#include <limits>

#include "app/server/audit.hpp"
#include "app/server/lane.hpp"
#include "app/server/server.hpp"
#include "core/auth/account_label.hpp"
#include "core/auth/scopes.hpp"
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
    levers_.look(moment.mono);
    if (rates_.is_due(moment.mono)) rates_.note(clients, moment.mono);
    auto const next = next_second() + (history::interval - std::chrono::seconds{1});
    history_timer_.expires_at(next);
    co_await history_timer_.async_wait(use_op);
    look_at_loops(next);
  }
}

// `due`: when this lane was to wake. What the other lanes are asked for now is looked at the next time. Few are asked each time: however
// many there are, an idle gateway sleeps.
void server::look_at_loops(mono_time due) {
  auto const now = mono_now();
  control_lag_.note(std::max<std::chrono::nanoseconds>(now - due, {}), now);
  lane_lags_.resize(lanes_.size());
  for (std::size_t i = 0; i < lanes_.size(); ++i) lane_lags_[i].note(lanes_[i]->at.take_lateness(), now);
  constexpr std::size_t at_once = 2;
  for (std::size_t i = 0; i < std::min(at_once, lanes_.size()); ++i) lanes_[asked_lanes_++ % lanes_.size()]->at.ask_for_pulse();
}

metrics_snapshot server::own_metrics() const {
  metrics_snapshot snapshot;
  snapshot.erasures = erasures_.figures();
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
  for (auto const& one : control_listeners_) {
    snapshot.connections.push_back({std::string{one->listener().name()}, one->listener().connections()});
    for (std::size_t i = 0; i < snapshot.admin_refused.size(); ++i) snapshot.admin_refused[i] += one->refused()[i];
  }
  if (admin_certificate_.is_used()) snapshot.certificates.push_back({"admin", admin_certificate_.life()});
  snapshot.certificate_reloads += admin_certificate_.reloads();
  snapshot.certificate_failures += admin_certificate_.failures();
  snapshot.audit_lost = audit_log_.lost();
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
  snapshot.accounts = configured_accounts();
  snapshot.quotas = configured_quotas();
  snapshot.levers = levers_.figures(mono_now());
  snapshot.upstream_max_in_flight = control_.config.upstream.max_in_flight;
  snapshot.upstream_active = snapshot.limiter.in_flight;
  snapshot.upstream_reported_concurrency = shared_.told.concurrency();
  snapshot.clock_skew = shared_.told.clock_skew();
  for (auto const& one : lane_lags_) snapshot.lane_lags.push_back(one.get());
  snapshot.control_lag = control_lag_.get();
  snapshot.flights = shared_.flights.size();
  snapshot.held_readers = shared_.held.held();
  snapshot.polled_calls = shared_.polled.size();
  snapshot.clients_polling_in_vain = logbook_watch_.polling_in_vain();
  snapshot.grants = shared_.visible.grant_count();
  snapshot.config_reload_failed = reload_failed_;
  snapshot.config_reloaded_seconds = std::chrono::duration<double>(reloaded_at_.time_since_epoch()).count();
  snapshot.access_reloads = access_files_.reloads() + operators_.reloads();
  snapshot.access_failures = access_files_.failures() + operators_.failures();
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
  snapshot.alert_test = mono_now() < alert_test_until_;
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

std::vector<account_standing> server::configured_accounts() const {
  std::vector<account_standing> all;
  auto const rules = shared_.access.get();
  auto const moment = mono_now();
  for (std::size_t i = 0; rules->injecting && i < std::min(rules->injecting->accounts.size(), account_standing::most); ++i) {
    auto const& one = rules->injecting->accounts[i];
    all.push_back({rules->injecting->account_names[i], shared_.permits_of(one.at).figures_of(account_scope(one, shared_.table_key), moment),
                   shared_.refused.hides(one.owner)});
  }
  return all;
}

std::vector<quota_figures> server::configured_quotas() const {
  std::vector<quota_figures> all;
  for (auto const& one : control_.config.credentials.clients) {
    if (all.size() == quota_figures::most) break;
    if (auto is = shared_.quotas.figures_of(one.name)) all.push_back(std::move(*is));
  }
  return all;
}

void server::test_alert(const operator_trace& asker) {
  alert_test_until_ = mono_now() + alert_test_lasts;
  enter_alert_test(alert_test_lasts, asker);
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
  auto const moment = now();
  return stats_json(
      {own_metrics(), history_, moment.wall, after, clients, {host_, upstreams_.front()->where.host_field(), mode}, accounts(moment.mono)});
}

account_report server::accounts(mono_time now) const {
  account_report made;
  auto const rules = shared_.access.get();
  auto const named = [&](std::uint64_t account) {
    return account_report::about{account_label(*rules, shared_.table_key, account), is_refused(*rules, account)};
  };
  for (std::size_t i = 0; i < upstreams_.size(); ++i) {
    auto const& permits = i == 0 ? shared_.permits : shared_.named[i - 1]->permits;
    auto const upstream = shared_.named.empty() ? std::string_view{} : shown_upstream(upstreams_[i]->name);
    made.add(upstream, permits.busiest_accounts(account_report::most, now), named);
  }
  return made;
}

bool server::is_refused(const access_rules& rules, std::uint64_t account) const {
  if (!rules.injecting) return false;
  return std::ranges::any_of(rules.injecting->accounts, [&](const identity& one) {
    return shared_.refused.hides(one.owner) && account_scope(one, shared_.table_key) == account;
  });
}

std::string server::events(std::uint64_t since) const { return logbook_json(since); }

std::string server::audit(std::uint64_t since) const { return audit_json(since); }

void server::note_refusal(const refused_change& what, const operator_trace& asker) { enter_refusal(what, asker); }

std::string server::settings_report() const { return settings_json(control_.config); }

std::string server::fleet_report() const { return fleet_ ? fleet_->report() : R"({"engine":null})"; }

}  // namespace gateway
