#include "app/server.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdio>
#include <thread>

#include "app/capacity.hpp"
#include "app/lane.hpp"
#include "io/net/server_tls.hpp"
#include "io/process_limits.hpp"
#include "io/runtime/log.hpp"
#include "io/settings_file.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds sweep_interval{1};

template <class Array>
Array random_key() {
  Array key{};
  fill_with_random(key.data(), key.size());
  return key;
}

// That of the run before, where it has left something.
fingerprint_key owners_key(const snapshot_settings& from) {
  auto const known = key_in_snapshot(from);
  return known ? *known : random_key<fingerprint_key>();
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  fill_with_random(&seed, sizeof seed);
  return seed;
}

std::vector<std::string> addresses_of(const std::vector<listener_settings>& listeners) {
  std::vector<std::string> all;
  all.reserve(listeners.size());
  for (auto const& one : listeners) all.push_back(one.address);
  return all;
}

// As if nobody had caught the signal: at once, with the status that tells so.
[[noreturn]] void end_by(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  std::_Exit(70);
}

}  // namespace

server::server(const settings& values, std::string config_path, const supervision& by, bool succeeds)
    : config_path_(std::move(config_path)),
      running_(values),
      shared_(values, random_key<short_hash_key>(), first_rules(values.credentials, owners_key(values.snapshot)), random_seed()),
      snapshots_(shared_, succeeds),
      upstream_(*parse_origin(values.upstream.url)),  // checked when the settings were read
      upstream_tls_(upstream_, values.upstream.ca_file),
      access_log_(shared_.config.log, addresses_of(values.listeners)),
      control_(random_seed()),
      supervisor_(control_, by),
      access_files_(control_, shared_.config.credentials, shared_.access.get()->key, shared_.access),
      certificates_(control_),
      figures_(figures()),
      data_connections_(affordable_connections(values), values.limits.max_connections_per_address, shared_.table_key),
      signals_(control_.get_executor()),
      sweep_timer_(control_.get_executor()),
      history_timer_(control_.get_executor()) {
  for (auto const& one : shared_.config.listeners) {
    data_listener made;
    made.values = one;
    made.connections->listener = static_cast<std::uint16_t>(listeners_.size());
    std::string why_not;
    if (one.tls) {
      auto first = make_listener_tls(*one.tls, why_not);
      if (!first) throw std::runtime_error{why_not};
      made.tls = std::make_unique<published_tls>(std::move(first));
      certificates_.watch(one, *made.tls);
    }
    listeners_.push_back(std::move(made));
  }
  auto const add_control = [&](std::string_view name, secret token, admin_service::offer what) {
    control_listeners_.push_back(std::make_unique<control_listener>(name, control_, figures_, std::move(token), what, shared_.table_key));
  };
  add_control("admin", values.admin.token_file.empty() ? secret{} : read_secret(values.admin.token_file), admin_service::offer::everything);
  if (!values.admin.metrics_address.empty()) add_control("metrics", {}, admin_service::offer::metrics);
  for (std::size_t i = 0; i < worker_count(values); ++i)
    lanes_.push_back(std::make_unique<lane>(random_seed(), shared_, upstream_, upstream_tls_));
  if (!values.handover.empty()) {
    handover_ = std::make_unique<handover>(
        control_, [this] { return listening_descriptors(); }, [this] { give_way(); });
  }
  if (!values.tracing.otlp_url.empty()) spans_ = std::make_unique<span_exporter>(control_, shared_.config.tracing, access_log_.listeners());
}

server::~server() = default;

bool server::bind(inherited_sockets& inherited, std::string& why_not) {
  for (auto& one : listeners_) {
    if (!bind_data(one, inherited, why_not)) return false;
  }
  auto const& addresses = shared_.config.admin;
  if (!control_listeners_.front()->open(addresses.address, inherited, why_not)) return false;
  if (!addresses.metrics_address.empty() && !control_listeners_.back()->open(addresses.metrics_address, inherited, why_not)) return false;
  return !handover_ || handover_->open(parse_endpoint(shared_.config.handover)->unix_path, why_not);
}

bool server::bind_data(data_listener& one, inherited_sockets& inherited, std::string& why_not) {
  auto where = *parse_endpoint(one.values.address);
  one.sockets = inherited.take(where);
  if (!one.sockets.empty()) return true;
  auto const wanted = where.is_unix() ? 1 : lanes_.size();
  while (one.sockets.size() < wanted) {
    auto made = listening_socket::open(where, {one.values.mode, one.values.owner}, !one.sockets.empty(), why_not);
    if (!made.is_open()) return false;
    where = made.where();  // port 0 became a port: the other workers share it
    one.sockets.push_back(std::move(made));
  }
  return true;
}

std::vector<int> server::listening_descriptors() const {
  std::vector<int> all;
  for (auto const& one : listeners_) {
    for (auto const& socket : one.sockets) all.push_back(socket.descriptor());
  }
  for (auto const& one : control_listeners_) all.push_back(one->socket().descriptor());
  return all;
}

// On standard output, for people and for scripts that wait for it; and to the service manager.
void server::announce() {
  std::string where;
  auto const tell = [&](std::string_view what, const std::string& url) {
    std::printf("summary-gateway: %.*s on %s\n", static_cast<int>(what.size()), what.data(), url.c_str());
    where += (where.empty() ? "" : ", ") + std::string{what} + " on " + url;
  };
  for (auto const& one : listeners_) tell("listening", url_of(one.sockets.front().where(), one.tls != nullptr));
  for (auto const& one : control_listeners_) tell(one->name(), one->url());
  std::printf("summary-gateway: ready\n");
  std::fflush(stdout);
  supervisor_.ready(std::move(where));
}

void server::run(const std::function<void()>& serving) {
  started_at_ = std::chrono::duration<double>(now().wall.time_since_epoch()).count();
  for (int const signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGQUIT}) signals_.add(signal);
  start_lanes();
  snapshots_.start();
  control_.start();
  for (auto const& one : control_listeners_) one->start(shared_.config.limits);
  control_.start_task("signals", watch_signals());
  control_.start_task("sweep", sweep_cache());
  control_.start_task("history", keep_history());
  control_.start_task("access files", access_files_.run());
  control_.start_task("certificates", certificates_.run());
  if (spans_) control_.start_task("spans", spans_->run());
  if (handover_) control_.start_task("handover", handover_->run());
  std::vector<const worker*> watched;
  for (auto const& one : lanes_) watched.push_back(&one->at);
  control_.start_task("watchdog", supervisor_.watch(std::move(watched)));
  ready_ = true;
  log_info("{} worker(s), upstream {}, cache {} bytes", lanes_.size(), shared_.config.upstream.url, shared_.config.cache.max_bytes);
  announce();
  if (serving) serving();
  control_.loop.run();
  for (auto const& one : lanes_) one->at.join();
  access_log_.stop();
  snapshots_.join();
}

// Everything that can fail comes before the first thread.
void server::start_lanes() {
  std::vector<access_queue*> told;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = *lanes_[i];
    lane.at.start();
    told.push_back(&lane.at.told);
    if (spans_) spans_->attach(lane.at.spans);
    if (auto const warm = share_of(shared_.config.upstream.warm_connections, i, lanes_.size()); warm > 0)
      lane.at.start_task("warm", lane.upstream.keep_warm(warm));
    for (auto const& one : listeners_) start_acceptors(lane, i, one);
  }
  access_log_.start(std::move(told));
  for (auto const& one : lanes_) {
    ++lanes_running_;
    one->at.run_on_thread([this] { asio::post(control_.get_executor(), [this] { --lanes_running_; }); });
  }
}

// Each lane has a socket, and each socket a lane: a single one is shared, and a predecessor may have had more lanes.
void server::start_acceptors(lane& lane, std::size_t number, const data_listener& one) {
  for (auto i = number; i < std::max(lanes_.size(), one.sockets.size()); i += lanes_.size()) {
    auto const& socket = one.sockets[i % one.sockets.size()];
    lane.acceptors.push_back(std::make_unique<acceptor>(lane.at, socket.duplicate(), socket.where().is_unix(), one.tls.get(),
                                                        *one.connections, data_connections_));
    lane.at.start_task("accept", lane.acceptors.back()->run(shared_.config.limits, lane.service));
  }
}

task<void> server::watch_signals() {
  while (true) {
    auto const [error, signal] = co_await signals_.async_wait(use_op);
    if (error) co_return;
    if (signal == SIGHUP) {
      reload();
    } else if (signal == SIGUSR1) {
      access_log_.reopen();
    } else if (signal == SIGQUIT) {
      dump();
    } else if (draining_) {
      end_by(signal);
    } else {
      begin_drain(signal == SIGTERM ? "SIGTERM" : "SIGINT");
    }
  }
}

// What has outlived its time leaves memory within a second or so, even if nobody comes any more.
task<void> server::sweep_cache() {
  while (!control_.stopping) {
    sweep_timer_.expires_after(sweep_interval);
    co_await sweep_timer_.async_wait(use_op);
    shared_.cache.sweep(now());
  }
}

}  // namespace gateway
