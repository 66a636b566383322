// The end of a server: what is told whom, and in which order things close.
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstdio>

#include "app/server/lane.hpp"
#include "app/server/server.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

constexpr std::chrono::seconds last_grace{1};  // after the drain deadline, for connections that were just cut to notice
constexpr std::chrono::seconds snapshot_time{10};
constexpr std::chrono::seconds progress_interval{1};

}  // namespace

void server::begin_drain(std::string_view why) {
  if (std::exchange(draining_, true)) return;
  log_info("{}: draining", why);
  ready_ = false;
  control_.start_task("drain", drain());
}

// A successor has our sockets and serves: nothing waits for us any more, and whoever asks for the admin listener wants its.
void server::give_way() {
  if (draining_) return;
  successor_serves_ = true;
  for (auto const& one : control_listeners_) one->close();
  snapshots_.end(true);
  begin_drain("a successor serves");
}

// Not ready → drain_delay → no new connections → idle ones close → requests under way end → the rest is cut at the deadline → the cache is
// written to disk → everything has ended.
task<void> server::drain() {
  steady_timer timer{control_.get_executor()};
  for (auto const& one : lanes_) asio::post(one->at.loop, [lane = one.get()] { lane->at.phase = worker_phase::last_answers; });
  auto const closing = mono_now() + control_.config.limits.drain_delay;
  auto const deadline = closing + control_.config.limits.drain_timeout;
  auto next_report = mono_now();
  bool closed = false;
  bool cut = false;
  while (lanes_running_ > 0) {
    auto const now = mono_now();
    if (!closed && now >= closing) {
      closed = true;
      close_listeners();
    }
    if (!cut && now >= deadline) {
      cut = true;
      log_warning("drain: limits.drain_timeout has passed, open connections are closed");
      shared_.permits.close();
      for (auto const& one : lanes_) asio::post(one->at.loop, [lane = one.get()] { lane->at.deadlines.expire(); });
    }
    if (cut && now >= deadline + last_grace) {
      // Not through the log: its threads may still be wanted by those of the lanes.
      std::fprintf(stderr, "summary-gateway: drain ended with work left\n");
      std::_Exit(0);
    }
    if (now >= next_report) {
      next_report = now + progress_interval;
      report_drain((closed ? deadline : closing) - now, closed);
    }
    timer.expires_after(deadline_list::tick);
    co_await timer.async_wait(use_op);
  }
  if (spans_) spans_->stop();
  for (auto const last = mono_now() + last_grace; spans_ && !spans_->has_ended() && mono_now() < last;) {
    timer.expires_after(deadline_list::tick);
    co_await timer.async_wait(use_op);
  }
  snapshots_.end(false);
  for (auto const last = mono_now() + snapshot_time; !snapshots_.has_ended();) {
    if (mono_now() >= last) snapshots_.abandon();
    if (mono_now() >= last + last_grace) {
      std::fprintf(stderr, "summary-gateway: the last snapshot of the cache took too long, the disk does not answer\n");
      std::_Exit(0);
    }
    timer.expires_after(deadline_list::tick);
    co_await timer.async_wait(use_op);
  }
  log_info("drained");
  end_control();
}

void server::report_drain(span left, bool closed) {
  std::uint64_t connections = 0;
  for (auto const& one : listeners_.all()) connections += one->connections.open.load(std::memory_order_relaxed);
  auto const text = fmt::format("draining: {} connection(s), {} request(s) waiting for the upstream; {} in {} s at the latest", connections,
                                shared_.waiting.count.load(std::memory_order_relaxed), closed ? "ends" : "listeners close",
                                std::chrono::ceil<std::chrono::seconds>(left).count());
  log_info("{}", text);
  supervisor_.stopping(text);
}

// Ours first: with a lane's own descriptor the last one goes, and new connections are refused, unless somebody else has the socket, too.
void server::close_listeners() {
  if (handover_) handover_->close();
  listeners_.close();
  for (auto const& one : lanes_) asio::post(one->at.loop, [lane = one.get()] { lane->drain(); });
}

void server::end_control() {
  if (!successor_serves_) {
    for (auto const& one : control_listeners_) one->close();
  }
  control_.deadlines.expire();
  control_.phase = worker_phase::ending;
  supervisor_.stop();
  signals_.cancel();
  sweep_timer_.cancel();
  history_timer_.cancel();
  files_timer_.cancel();
}

}  // namespace gateway
