#include "io/runtime/signal_watch.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>

#include "io/runtime/clock.hpp"
#include "io/runtime/line_file.hpp"

namespace gateway {
namespace {

constexpr int signals[]{SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGQUIT};

bool is_end(int signal) { return signal == SIGTERM || signal == SIGINT; }

int wake_up() { return SIGRTMIN; }  // of the watch itself

sigset_t ours() {
  sigset_t all;
  sigemptyset(&all);
  for (int const signal : signals) sigaddset(&all, signal);
  sigaddset(&all, wake_up());
  return all;
}

// Ends the process at once, with the exit status of an uncaught signal.
[[noreturn]] void end_by(int signal) {
  signal_watch::release();
  std::raise(signal);
  std::_Exit(70);
}

// Nothing here may wait: not for the log's thread either.
[[noreturn]] void end_late() {
  line_file out;
  std::string ignored;
  int error = 0;
  if (out.open("", ignored)) out.write("summary-gateway: the end took too long, something hangs\n", mono_now(), error);
  std::_Exit(70);
}

}  // namespace

void signal_watch::hold() {
  auto const all = ours();
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

void signal_watch::release() {
  auto const all = ours();
  pthread_sigmask(SIG_UNBLOCK, &all, nullptr);
}

signal_watch::signal_watch() : allowed_(last_steps) {
  for (int const signal : signals) std::signal(signal, SIG_DFL);  // a shell ignores SIGINT for what it starts in the background
  thread_ = std::thread{[this] { run(); }};
}

signal_watch::~signal_watch() {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
  }
  pthread_kill(thread_.native_handle(), wake_up());
  thread_.join();
}

void signal_watch::give_to(std::function<void(int)> taker) {
  std::lock_guard const lock{mutex_};
  taker_ = std::move(taker);
  if (!taker_) return;
  for (int const signal : std::exchange(missed_, {})) taker_(signal);
}

bool signal_watch::is_ending() const {
  std::lock_guard const lock{mutex_};
  return ending_;
}

void signal_watch::end() {
  {
    std::lock_guard const lock{mutex_};
    if (ending_) return;
    begin_end();
  }
  pthread_kill(thread_.native_handle(), wake_up());
}

void signal_watch::allow(std::chrono::nanoseconds time) {
  std::lock_guard const lock{mutex_};
  allowed_ = time;
}

void signal_watch::begin_end() {
  ending_ = true;
  latest_ = mono_now() + allowed_;
}

void signal_watch::run() {
  while (true) {
    auto const signal = wait();
    std::lock_guard const lock{mutex_};
    if (stopping_) return;
    if (signal > 0 && signal != wake_up()) take(signal);
  }
}

// The next signal; 0 if there was none.
int signal_watch::wait() {
  auto const all = ours();
  std::unique_lock lock{mutex_};
  auto const latest = latest_;
  lock.unlock();
  if (latest == mono_time::max()) return std::max(0, sigwaitinfo(&all, nullptr));
  auto const left = std::max<std::chrono::nanoseconds>(latest - mono_now(), std::chrono::nanoseconds{0});
  auto const seconds = std::chrono::floor<std::chrono::seconds>(left);
  timespec const time{static_cast<std::time_t>(seconds.count()), static_cast<long>((left - seconds).count())};
  auto const signal = sigtimedwait(&all, nullptr, &time);
  if (signal < 0 && mono_now() >= latest) end_late();  // defence: end-bounded
  return std::max(0, signal);
}

void signal_watch::take(int signal) {
  if (is_end(signal) && ending_) end_by(signal);  // defence: second-signal
  if (is_end(signal)) begin_end();
  if (taker_) return taker_(signal);
  if (std::ranges::find(missed_, signal) == missed_.end()) missed_.push_back(signal);
}

}  // namespace gateway
