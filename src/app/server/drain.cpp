// The end of a server, step by step: what it tells, what it closes and what it waits for.
#include <boost/asio/post.hpp>

#include "app/server/lane.hpp"
#include "app/server/server.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// The last steps, counted from when requests have had their time. With the time of the log's thread they make signal_watch::last_steps.
constexpr std::chrono::milliseconds cut_time{1000};        // for connections that were just cut
constexpr std::chrono::milliseconds snapshot_by{8500};     // the last snapshot has ended by then
constexpr std::chrono::milliseconds snapshot_time{10000};  // and it takes no longer than this
constexpr std::chrono::milliseconds give_up_time{500};     // for a snapshot that was given up
constexpr std::chrono::milliseconds spans_time{1000};      // and for the last commands to the fleet's engine
constexpr std::chrono::milliseconds control_time{100};     // for answers to the operator
constexpr std::chrono::milliseconds files_time{50};
constexpr std::chrono::milliseconds access_log_time{200};
constexpr std::chrono::seconds progress_interval{1};

}  // namespace

// Changed settings count for an end that has not begun.
void server::allow_time_to_end() {
  auto const& limits = control_.config.limits;
  signals_.allow(limits.drain_delay + limits.drain_timeout + signal_watch::last_steps);
}

void server::begin_drain(std::string_view why) {
  if (std::exchange(draining_, true)) return;
  signals_.end();
  log_entry(logbook_kind::drain_begun, {{"by", why}});
  ready_ = false;
  control_.start_task("drain", drain());
}

// The successor has our sockets and serves. Requests to the admin listener and events are for the successor from now on, so ours close at
// once.
void server::give_way() {
  if (draining_) return;
  successor_serves_ = true;
  for (auto const& one : control_listeners_) one->close();
  if (events_) events_->close();
  snapshots_.end(true);
  erasures_.leave();
  begin_drain("a successor serves");
}

// Every step has a bound. The snapshot comes first of what remains after the requests.
task<void> server::drain() {
  auto const closing = mono_now() + control_.config.limits.drain_delay;
  auto const deadline = closing + control_.config.limits.drain_timeout;
  next_progress_ = mono_now();
  part_with_clients();
  co_await wait_for(&server::lanes_have_ended, closing, "listeners close");
  close_listeners();
  co_await wait_for(&server::lanes_have_ended, deadline, "ends");
  if (!lanes_have_ended()) cut_connections(deadline + cut_time);
  co_await wait_for(&server::lanes_have_ended, deadline + cut_time, "ends");

  auto const written = std::min(mono_now() + snapshot_time, deadline + snapshot_by);
  snapshots_.end(false);
  co_await wait_for(&server::snapshots_have_ended, written, "the last snapshot is written");
  if (!snapshots_have_ended()) snapshots_.abandon();
  co_await wait_for(&server::snapshots_have_ended, written + give_up_time, "the last snapshot is given up");

  auto const sent = mono_now() + spans_time;
  if (spans_) spans_->stop();
  if (fleet_) fleet_->end(sent);
  co_await wait_for(&server::spans_have_ended, sent, "the last spans are sent");
  co_await wait_for(&server::fleet_has_ended, sent, "the fleet is left");
  end_control();
}

// After the control lane's loop. What hangs is not waited for any more.
server::ending server::ended() {
  ending how;
  signals_.give_to(nullptr);
  std::uint64_t cut = 0;
  for (auto const& one : lanes_) {
    cut += one->at.cut_requests.load(std::memory_order_relaxed);
    if (lanes_have_ended()) one->at.join();
    how.is_clean = how.is_clean && lanes_have_ended() && !one->at.left_work();
  }
  if (snapshots_have_ended()) snapshots_.join();
  shared_.eraser.stop();
  bool const work_left = cut > 0 || writes_cut_ || !lanes_have_ended();
  bool const snapshot_missing = !snapshots_have_ended() || snapshots_.last_is_missing();
  if (work_left) log_entry(logbook_kind::drain_incomplete, {{"requests_cut", cut}});
  if (snapshot_missing) {
    logbook_fields fields;
    if (!snapshots_have_ended()) fields.emplace_back("cause", "the disk does not answer");
    log_entry(logbook_kind::snapshot_missing, std::move(fields));
  }
  how.is_whole = !work_left && !snapshot_missing;
  if (how.is_whole) log_entry(logbook_kind::drained);
  how.is_clean = how.is_clean && snapshots_have_ended() && !control_.left_work();
  how.is_clean = how.is_clean && (!fleet_ || fleet_->join());
  how.is_clean = files_.stop(mono_now() + files_time) && how.is_clean;
  auto const logs_by = mono_now() + access_log_time;
  write_audit_with(nullptr);
  how.is_clean = audit_log_.stop(logs_by) && how.is_clean;
  how.is_clean = access_log_.stop(logs_by) && how.is_clean;
  return how;
}

// Each part of the server wakes the waiting drain when it ends. `next`: what happens at the deadline, for the progress report.
task<void> server::wait_for(bool (server::*has_ended)() const, mono_time deadline, std::string_view next) {
  while (!(this->*has_ended)() && mono_now() < deadline) {
    report_drain(deadline, next);
    co_await part_ended_->sleep_until(std::min(deadline, next_progress_));
  }
}

// To the log and the service manager, once a second.
void server::report_drain(mono_time deadline, std::string_view next) {
  auto const now = mono_now();
  if (now < next_progress_) return;
  next_progress_ = now + progress_interval;
  std::uint64_t connections = 0;
  for (auto const& one : listeners_.all()) connections += one->connections.open.load(std::memory_order_relaxed);
  auto const text = fmt::format("draining: {} connection(s), {} request(s) waiting for the upstream; {} in {} s at the latest", connections,
                                shared_.waiting.count.load(std::memory_order_relaxed), next,
                                std::chrono::ceil<std::chrono::seconds>(deadline - now).count());
  log_info("{}", text);
  supervisor_.stopping(text);
}

// From now on each answer is the last of its connection, and held readers get theirs.
void server::part_with_clients() {
  for (auto const& one : lanes_) {
    asio::post(one->at.loop, [this, lane = one.get()] {
      lane->at.enter(worker_phase::last_answers);  // from now on no reader is held here
      shared_.held.release_all();                  // defence: held-readers-drained
    });
  }
}

// Each lane closes descriptors of its own. Once the last one is closed, new connections are refused, unless a successor has the socket.
void server::close_listeners() {
  if (handover_) handover_->close();
  listeners_.close();
  if (events_) events_->close();
  for (auto const& one : lanes_) asio::post(one->at.loop, [lane = one.get()] { lane->drain(); });
}

void server::cut_connections(mono_time latest) {
  log_entry(logbook_kind::drain_cut);
  writes_cut_ = shared_.writes.are_under_way();
  shared_.permits.close();
  for (auto const& one : shared_.named) one->permits.close();
  for (auto const& one : upstreams_) one->network.names.close();
  for (auto const& one : lanes_) {
    asio::post(one->at.loop, [lane = one.get(), latest] {
      lane->at.end_by(latest);
      lane->at.deadlines.expire();
    });
  }
}

void server::end_control() {
  if (!successor_serves_) {
    for (auto const& one : control_listeners_) one->close();
  }
  control_.end_by(mono_now() + control_time);
  control_.deadlines.expire();
  supervisor_.stop();
  tokens_.stop();
  if (fleet_) fleet_->stop();
  sweep_timer_.cancel();
  history_timer_.cancel();
  shadow_.stop();
  files_timer_.cancel();
}

}  // namespace gateway
