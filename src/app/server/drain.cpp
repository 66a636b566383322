// The end of a server, step by step: what it tells, what it closes and what it waits for.
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdio>

#include "app/server/lane.hpp"
#include "app/server/server.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds last_grace{1};  // for connections that were just cut, for spans, and for a snapshot that was given up
constexpr std::chrono::seconds snapshot_time{10};
constexpr std::chrono::seconds progress_interval{1};

// Not through the log: the lanes that do not end may still need its threads.
[[noreturn]] void exit_at_once(const char* why) {
  std::fprintf(stderr, "summary-gateway: %s\n", why);
  std::_Exit(0);
}

}  // namespace

void server::begin_drain(std::string_view why) {
  if (std::exchange(draining_, true)) return;
  signals_.end();
  log_info("{}: draining", why);
  ready_ = false;
  control_.start_task("drain", drain());
}

// The successor has our sockets and serves. Requests to the admin listener are for the successor from now on, so ours closes at once.
void server::give_way() {
  if (draining_) return;
  successor_serves_ = true;
  for (auto const& one : control_listeners_) one->close();
  snapshots_.end(true);
  begin_drain("a successor serves");
}

task<void> server::drain() {
  auto const closing = mono_now() + control_.config.limits.drain_delay;
  auto const deadline = closing + control_.config.limits.drain_timeout;
  next_progress_ = mono_now();
  part_with_clients();
  co_await wait_for(&server::lanes_have_ended, closing, "listeners close");
  close_listeners();
  co_await wait_for(&server::lanes_have_ended, deadline, "ends");
  if (!lanes_have_ended()) cut_connections();
  co_await wait_for(&server::lanes_have_ended, deadline + last_grace, "ends");
  if (!lanes_have_ended()) exit_at_once("drain ended with work left");

  if (spans_) spans_->stop();
  co_await wait_for(&server::spans_have_ended, mono_now() + last_grace, "the last spans are sent");

  auto const written = mono_now() + snapshot_time;
  snapshots_.end(false);
  co_await wait_for(&server::snapshots_have_ended, written, "the last snapshot is written");
  if (!snapshots_have_ended()) snapshots_.abandon();
  co_await wait_for(&server::snapshots_have_ended, written + last_grace, "the last snapshot is given up");
  if (!snapshots_have_ended()) exit_at_once("the last snapshot of the cache took too long, the disk does not answer");

  log_info("drained");
  end_control();
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

// From now on each answer is the last of its connection.
void server::part_with_clients() {
  for (auto const& one : lanes_) asio::post(one->at.loop, [lane = one.get()] { lane->at.phase = worker_phase::last_answers; });
}

// Each lane closes descriptors of its own. Once the last one is closed, new connections are refused, unless a successor has the socket.
void server::close_listeners() {
  if (handover_) handover_->close();
  listeners_.close();
  for (auto const& one : lanes_) asio::post(one->at.loop, [lane = one.get()] { lane->drain(); });
}

void server::cut_connections() {
  log_warning("drain: limits.drain_timeout has passed, open connections are closed");
  shared_.permits.close();
  for (auto const& one : lanes_) asio::post(one->at.loop, [lane = one.get()] { lane->at.deadlines.expire(); });
}

void server::end_control() {
  if (!successor_serves_) {
    for (auto const& one : control_listeners_) one->close();
  }
  control_.deadlines.expire();
  control_.phase = worker_phase::ending;
  supervisor_.stop();
  sweep_timer_.cancel();
  history_timer_.cancel();
  files_timer_.cancel();
}

}  // namespace gateway
