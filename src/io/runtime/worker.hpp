// One thread and everything that never leaves it: its event loop, its copy of the settings, deadlines, counters, date, and spare buffers.
// Thread rule: members are used on the worker's own thread only, except counters, clients, recorder and pulse (any thread reads them),
// logged (the log takes from it) and spans (the control lane takes from it).
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <string>
#include <thread>

#include "core/base/request_ids.hpp"
#include "core/base/secret.hpp"
#include "core/settings/settings.hpp"
#include "core/telemetry/client_counters.hpp"
#include "core/telemetry/counters.hpp"
#include "core/telemetry/recorder.hpp"
#include "core/upstream/twilio_body.hpp"
#include "io/runtime/access_queue.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/deadlines.hpp"
#include "io/runtime/spawn.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

// A buffer that connections borrow while they have bytes to send, so that idle ones own none.
class spare_buffer {
public:
  std::string take() { return std::move(kept_); }
  // `late`: time has passed since it was filled, in which wipe() may have been called.
  void give_back(std::string used, bool late) {
    late ? gateway::wipe(used) : used.clear();
    if (used.capacity() <= max_kept && used.capacity() > kept_.capacity()) kept_ = std::move(used);
  }

  // Something was erased that it may have held.
  void wipe() { gateway::wipe(kept_); }

private:
  static constexpr std::size_t max_kept = 256 * 1024;
  std::string kept_;
};

// How far a worker's shutdown has progressed; each phase includes the earlier ones.
enum class worker_phase : std::uint8_t {
  serving,
  last_answers,  // each answer is the last of its connection
  draining,      // no connection starts another request, none is accepted
  ending,        // no more work will come: the deadline watch may end
};

class worker {
public:
  explicit worker(std::uint64_t seed, const settings& values = settings()) : config(values), ids(seed) {}

  [[nodiscard]] executor get_executor() { return loop.get_executor(); }
  void start_task(std::string_view name, task<void> work) { spawn(get_executor(), live, name, std::move(work)); }
  // For work that cannot be cancelled, and that nobody needs any more at the end: the loop ends without it.
  void start_unwaited(std::string_view name, task<void> work) { spawn(get_executor(), unwaited_, name, std::move(work)); }

  // Watches deadlines while there are tasks; call it once before the loop runs.
  void start();
  // The end has come: the loop waits for the last tasks until then at most.
  void end_by(mono_time latest) {
    latest_ = latest;
    enter(worker_phase::ending);
  }
  [[nodiscard]] bool is_cut() const { return latest_ != mono_time::max(); }
  // After the loop has ended: whether work was left. It may hang in a call of the system, so the worker must not be destroyed.
  [[nodiscard]] bool left_work() const { return left_work_; }
  // Runs the loop on a thread of its own until no work is left, then calls `ended` on that thread.
  void run_on_thread(std::function<void()> ended);
  void join();
  // Enters a later phase.
  void enter(worker_phase next) {
    phase = next;
    deadlines.nudge();
  }

  // Makes the loop run a step, which moves pulse(). Any thread.
  void ask_for_pulse();
  // How late such steps were at worst since the last call; also one that has not run yet. Any thread.
  [[nodiscard]] std::chrono::nanoseconds take_lateness();
  // When the loop last ran such a step; mono_time::max() once it has ended. Any thread.
  [[nodiscard]] mono_time pulse() const { return mono_time{mono_time::duration{pulse_.load(std::memory_order_relaxed)}}; }

  [[nodiscard]] bool gives_last_answers() const { return phase >= worker_phase::last_answers; }
  [[nodiscard]] bool is_draining() const { return phase >= worker_phase::draining; }
  [[nodiscard]] bool is_ending() const { return phase == worker_phase::ending; }

  deadline_list deadlines;  // outlives what the loop owns
  asio::io_context loop{1};
  settings config;  // the settings in force; a reload replaces them between two steps of this thread
  live_tasks live;
  worker_counters counters;
  client_counters clients;
  request_recorder recorder;
  access_queue logged;
  access_queue spans;
  date_text date;
  request_ids ids;
  spare_buffer output;
  body_reader bodies;
  std::atomic<std::uint64_t> cut_requests{0};  // requests that the end has cut; any thread reads it
  worker_phase phase = worker_phase::serving;

private:
  task<void> watch_deadlines();
  void beat(mono_time now) { pulse_.store(now.time_since_epoch().count(), std::memory_order_relaxed); }

  static constexpr mono_time::rep not_asked = std::numeric_limits<mono_time::rep>::min();
  std::atomic<mono_time::rep> pulse_asked_at_{not_asked};
  std::atomic<mono_time::rep> late_{0};
  std::atomic<mono_time::rep> pulse_{mono_time::max().time_since_epoch().count()};
  live_tasks unwaited_;
  mono_time latest_ = mono_time::max();
  bool left_work_ = false;
  std::thread thread_;
};

}  // namespace gateway
