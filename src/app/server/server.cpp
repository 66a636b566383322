#include "app/server/server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdio>
#include <numeric>
#include <thread>

#include "app/admin/explain_call.hpp"
#include "app/server/audit.hpp"
#include "app/server/capacity.hpp"
#include "app/server/lane.hpp"
#include "app/server/lane_parts.hpp"
#include "core/settings/listening.hpp"
#include "core/settings/upstreams.hpp"
#include "core/settings/validate_admin.hpp"
#include "io/files/fleet_files.hpp"
#include "io/files/settings_file.hpp"
#include "io/process_limits.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

template <class Array>
Array random_key() {
  Array key{};
  fill_with_random(key.data(), key.size());
  return key;
}

// A fleet's own key, so that its gateways agree about owners. Else the key of the run before if it left a snapshot, because entries are
// found again only with the same key.
fingerprint_key owners_key(const snapshot_settings& from, const std::optional<fleet_keys>& fleet) {
  if (fleet) return fleet->owners();
  auto const known = key_in_snapshot(from);
  return known ? *known : random_key<fingerprint_key>();
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  fill_with_random(&seed, sizeof seed);
  return seed;
}

// Gateways of a fleet call an account alike.
short_hash_key table_key_of(const std::optional<fleet_keys>& fleet) {
  return fleet ? fingerprint(fleet->owners(), "tables") : random_key<short_hash_key>();
}

// The records of erasures lie beside the snapshot: it is the one place where this gateway keeps a state.
std::string records_of(const snapshot_settings& from) { return from.file.empty() ? std::string{} : from.file + ".erasures"; }

// No answer comes later than this after its request was sent: the time of an exchange, which a reader that joins may double, and some for
// judging and storing it.
std::chrono::nanoseconds longest_fetch(const settings& values) {
  span longest{};
  for (auto const* const one : all_upstreams(values)) longest = std::max(longest, one->timeout);
  return 2 * longest + std::chrono::seconds{10};
}

std::vector<lever_desk::upstream> upstreams_of(shared_state& all) {
  std::vector<lever_desk::upstream> those{{"", all.permits}};
  for (auto const& one : all.named) those.emplace_back(one->scope.name, one->permits);
  return those;
}

std::vector<const upstream_permits*> permits_of(const shared_state& all) {
  std::vector<const upstream_permits*> permits{&all.permits};
  for (auto const& one : all.named) permits.push_back(&one->permits);
  return permits;
}

}  // namespace

server::server(const settings& values, settings_source source, const supervision& by, bool succeeds, signal_watch& signals)
    : source_(std::move(source)),
      control_(random_seed(), values),
      fleet_keys_(fleet_keys_of(values)),
      upstream_keys_(keys_of(values, owners_key(values.snapshot, fleet_keys_))),
      shared_(values, table_key_of(fleet_keys_), first_rules(values.credentials, upstream_keys_), random_seed(), random_seed()),
      snapshots_(values, {shared_.cache, shared_.visible, shared_.disk, shared_.access.get()->key, shared_.table_key}, succeeds),
      listeners_(values.worker_count()),
      access_log_(values.log, listeners_.names()),
      audit_log_(values.admin.audit_file),
      supervisor_(control_, by),
      access_files_(control_.config.credentials, upstream_keys_, shared_.access, shared_.visible, shared_.refused),
      operators_(values.admin),
      admin_certificate_(values.admin.address),
      tokens_(
          control_, parts_for_lane(shared_).fetching.credentials, control_.config,
          [this](std::string_view upstream) { return &find_upstream(upstream).egress.authorization(); }, read_token_trust(values)),
      data_connections_(affordable_connections(values), values.limits.max_connections_per_address, shared_.table_key),
      event_effects_({shared_.table_key, shared_.cache, shared_.polled, shared_.held, shared_.notices}),
      signals_(signals),
      files_(control_),
      files_timer_(control_.get_executor()),
      sweep_timer_(control_.get_executor()),
      history_timer_(control_.get_executor()),
      shadow_(control_),
      rates_(mono_now()),
      logbook_watch_(permits_of(shared_), shared_.access, shared_.table_key),
      levers_(upstreams_of(shared_), control_.config, shared_.access, shared_.table_key),
      erasures_(control_, shared_, files_, records_of(values.snapshot)),
      part_ended_(std::make_shared<sleeper>(control_.get_executor())) {
  static const admin_rules everybody;
  admin_backend& backend = *this;
  auto read = certificate_watch::read(tls_of(values.admin));
  if (!read.made) throw std::runtime_error{"admin.tls: " + read.why_not};
  admin_certificate_.take(std::move(read));
  auto const add_control = [&](std::string_view name, const admin_rules& rules, const published_tls& tls, admin_service::offer what) {
    control_listeners_.push_back(
        std::make_unique<control_listener>(name, control_, backend, rules, tls, what, admin_connection_limit, shared_.table_key));
  };
  add_control("admin", operators_.rules(), admin_certificate_.current(), admin_service::offer::everything);
  if (!values.admin.metrics_address.empty()) add_control("metrics", everybody, plaintext_, admin_service::offer::metrics);
  for (auto const* const one : all_upstreams(values))
    upstreams_.push_back(std::make_unique<served_upstream>(*one, key_of_upstream(values, *one)));
  if (fleet_keys_) fleet_.emplace(values, *fleet_keys_, control_, shared_, files_, random_seed());
  if (fleet_) erasures_.join(*fleet_);
  if (fleet_) fleet_->on_event([this](const told_event& one) { event_effects_.heard(one.number, one.what, now()); });
  if (values.events.is_on())
    events_.emplace(values.events, control_, event_effects_, shared_.table_key, [this](const call_event& what) { prefetch(what); });
  for (std::size_t i = 0; i < values.worker_count(); ++i) {
    auto& made = *lanes_.emplace_back(std::make_unique<lane>(random_seed(), values, data_connections_));
    for (std::size_t which = 0; which < upstreams_.size(); ++which) {
      auto* const named = which == 0 ? nullptr : shared_.named[which - 1].get();
      made.serve(*upstreams_[which], parts_for_lane(shared_, fleet_ ? fleet_->tier() : nullptr, named, &made.shadow));
    }
    shadow_.attach(made.shadow);
  }
  if (!values.handover.empty()) {
    handover_ = std::make_unique<handover>(
        control_, [this] { return listening_descriptors(); }, [this] { give_way(); });
  }
  if (!values.tracing.otlp_url.empty()) spans_ = std::make_unique<span_exporter>(control_, values.tracing, listeners_.names());
}

server::~server() = default;

bool server::bind(inherited_sockets& inherited, std::string& why_not) {
  std::vector<std::string> problems;
  auto plan = listeners_.prepare(control_.config.listeners, data_listeners::read(control_.config.listeners), inherited, problems);
  if (!problems.empty()) {
    why_not = problems.front();
    return false;
  }
  opened_ = listeners_.commit(std::move(plan)).opened;
  auto const& addresses = control_.config.admin;
  if (!control_listeners_.front()->open(addresses.address, inherited, why_not)) return false;
  if (!addresses.metrics_address.empty() && !control_listeners_.back()->open(addresses.metrics_address, inherited, why_not)) return false;
  if (events_ && !events_->open(inherited, why_not)) return false;
  return !handover_ || handover_->open(parse_endpoint(control_.config.handover)->unix_path, why_not);
}

std::vector<int> server::listening_descriptors() const {
  std::vector<int> all;
  for (auto const& one : listeners_.all()) {
    for (auto const& socket : one->sockets) all.push_back(socket.descriptor());
  }
  for (auto const& one : control_listeners_) all.push_back(one->listener().socket().descriptor());
  if (events_) all.push_back(events_->listener().socket().descriptor());
  return all;
}

// On standard output, for people and for scripts that wait for these lines; and to the service manager.
void server::announce() {
  std::string where;
  auto const tell = [&](std::string_view what, const std::string& url) {
    std::printf("summary-gateway: %.*s on %s\n", static_cast<int>(what.size()), what.data(), url.c_str());
    where += (where.empty() ? "" : ", ") + std::string{what} + " on " + url;
  };
  for (auto const& one : listeners_.all()) {
    auto const& upstream = one->values.upstream;
    tell("listening",
         url_of(one->sockets.front().where(), one->certificate.is_used()) + (upstream.empty() ? "" : " for the upstream " + upstream));
  }
  for (auto const& one : control_listeners_) tell(one->listener().name(), one->listener().url());
  if (events_) tell(events_->listener().name(), events_->listener().url());
  if (may_misname_pages(control_.config))
    std::printf("summary-gateway: pages of lists lead to http://; if TLS ends before this gateway, set the listener's public_url\n");
  std::printf("summary-gateway: ready\n");
  std::fflush(stdout);
  supervisor_.ready(std::move(where));
}

server::ending server::run(const std::function<void()>& serving) {
  files_seen_ = now().wall;
  started_at_ = std::chrono::duration<double>(files_seen_.time_since_epoch()).count();
  files_.start();
  audit_log_.start();
  write_audit_with(&audit_log_);
  tokens_.take(*shared_.access.get());
  start_lanes();
  snapshots_.start([this] { part_ended_->wake(); });
  control_.start();
  for (auto const& one : control_listeners_) one->start(control_.config.limits);
  if (events_) events_->start(control_.config.limits);
  if (fleet_) fleet_->start([this] { part_ended_->wake(); });
  control_.start_task("sweep", sweep_cache());
  control_.start_task("history", keep_history());
  control_.start_task("files", watch_files());
  shadow_.take_over(control_.config);
  if (spans_) control_.start_unwaited("spans", export_spans());
  if (handover_) control_.start_task("handover", handover_->run());
  std::vector<worker*> watched;
  for (auto const& one : lanes_) watched.push_back(&one->at);
  control_.start_task("watchdog", supervisor_.watch(std::move(watched)));
  ready_ = true;
  report_upstreams();
  for (auto const& one : explain_auto(control_.config)) log_info("{}", one);
  if (auto const readers = explain_reading(control_.config); !readers.empty()) log_info("{}", readers);
  log_info("{}", operators_.in_words());
  announce();
  if (serving) serving();
  allow_time_to_end();
  signals_.give_to([this](int signal) { asio::post(control_.loop, [this, signal] { take_signal(signal); }); });
  control_.loop.run();
  signals_.give_to(nullptr);
  return ended();
}

void server::report_upstreams() const {
  auto const& values = control_.config;
  logbook_fields about{{"workers", lanes_.size()}, {"upstream", values.upstream.url}};
  if (!values.upstream.proxy.empty()) about.emplace_back("proxy", values.upstream.proxy);
  about.emplace_back("cache_bytes", values.cache_bytes());
  log_entry(logbook_kind::started, std::move(about));
  for (auto const& one : values.upstreams)
    log_info("upstream {}: {}{}{}", one.name, one.url, one.proxy.empty() ? "" : " through ", one.proxy);
}

served_upstream& server::find_upstream(std::string_view name) const {
  auto const found = std::ranges::find(upstreams_, name, [](auto const& one) -> std::string_view { return one->name; });
  return found == upstreams_.end() ? *upstreams_.front() : **found;
}

// No thread runs before this; everything that can fail has been done.
void server::start_lanes() {
  std::vector<access_queue*> queues;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = *lanes_[i];
    lane.at.start();
    queues.push_back(&lane.at.logged);
    if (spans_) spans_->attach(lane.at.spans);
    for (auto const& one : lane.upstreams)
      lane.at.start_unwaited("warm", one->fetches.keep_warm(share_of(one->in_force.warm_connections, i, lanes_.size())));
    for (auto& one : opened_) lane.listen({one.which, one.which->values.upstream, std::move(one.lanes[i])});
  }
  opened_.clear();
  access_log_.start(std::move(queues));
  for (auto const& one : lanes_) {
    ++lanes_running_;
    auto const count_end = [this] {
      --lanes_running_;
      part_ended_->wake();
    };
    one->at.run_on_thread([this, count_end] { asio::post(control_.get_executor(), count_end); });
  }
}

// A second SIGTERM or SIGINT does not come here: `signals_` ends the process.
void server::take_signal(int signal) {
  if (signal == SIGHUP) {
    if (!std::exchange(signal_waits_, true)) control_.start_task("reload", reload_by_signal());
  } else if (signal == SIGUSR1) {
    access_log_.reopen();
    audit_log_.reopen();
    log_entry(logbook_kind::log_files_reopened, {{"by", "SIGUSR1"}});
  } else if (signal == SIGQUIT) {
    dump();
  } else {
    begin_drain(signal == SIGTERM ? "SIGTERM" : "SIGINT");
  }
}

task<void> server::export_spans() {
  co_await spans_->run();
  part_ended_->wake();
}

// Expired entries leave memory within a second or so, even without requests; so does what else was erased, and is left in spare memory.
task<void> server::sweep_cache() {
  std::uint64_t forgotten = 0;
  while (!control_.is_ending()) {
    sweep_timer_.expires_at(next_second());
    co_await sweep_timer_.async_wait(use_op);
    shared_.cache.sweep(now());
    if (!shared_.disk.is_loading()) shared_.parties.forget(mono_now(), longest_fetch(control_.config));
    auto const counted = shared_.cache.counts();
    auto const erased = std::accumulate(std::begin(counted.evictions), std::end(counted.evictions), std::uint64_t{0});
    if (std::exchange(forgotten, erased) == erased) continue;  // defence: spare-memory-wiped
    for (auto const& one : lanes_) asio::post(one->at.get_executor(), [lane = one.get()] { lane->forget_erased(); });
  }
}

// On one lane for each call, so that one exchange is made.
void server::prefetch(const call_event& what) {
  if (!control_.config.events.prefetch || what.kind != event_kind::complete || draining_) return;
  auto const& lane = lanes_[cache_key::call_bits(what.call, shared_.table_key) % lanes_.size()];
  for (auto const& one : accounts_for(*shared_.access.get(), what.account))
    asio::post(lane->at.loop, [to = lane.get(), one, call = what.call] { to->upstream(one.at).service.prefetch(one, call); });
}

std::string server::explain(const explain_parameters& wanted) const {
  auto const access = shared_.access.get();
  return explain_call({shared_.cache, shared_.visible, shared_.refused, shared_.flights, shared_.permits, control_.config,
                       fleet_ ? fleet_->tier() : nullptr, shared_.polled, shared_.held, *access, each_upstream(), standings()},
                      wanted);
}

admin_backend::purged server::purge(const purge_scope& what, purge_depth how, const operator_trace& asker) {
  std::optional<std::uint64_t> told;
  if (fleet_) told = fleet_->purge(what, how);  // first: from now on nothing older is taken from the fleet
  shared_.polled.purge(what, mono_now());
  auto const done = shared_.cache.purge(what, how);
  shadow_.purge(what, how, shared_.table_key);
  enter_purge(what, how, done.taken, asker, *shared_.access.get(), shared_.table_key);
  return {done.taken, done.disk_ticket, told};
}

bool server::is_settled(std::uint64_t ticket) const { return shared_.disk.is_settled(ticket); }

telling server::told_state(std::uint64_t told) const { return fleet_->state_of(told); }

}  // namespace gateway
