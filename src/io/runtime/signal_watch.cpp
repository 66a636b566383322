#include "io/runtime/signal_watch.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

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

}  // namespace

void signal_watch::hold() {
  auto const all = ours();
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

void signal_watch::release() {
  auto const all = ours();
  pthread_sigmask(SIG_UNBLOCK, &all, nullptr);
}

signal_watch::signal_watch() {
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
  std::lock_guard const lock{mutex_};
  ending_ = true;
}

void signal_watch::run() {
  auto const all = ours();
  while (true) {
    int signal = 0;
    if (sigwait(&all, &signal) != 0) continue;
    std::lock_guard const lock{mutex_};
    if (stopping_) return;
    if (signal != wake_up()) take(signal);
  }
}

void signal_watch::take(int signal) {
  if (is_end(signal) && std::exchange(ending_, true)) end_by(signal);  // defence: second-signal
  if (taker_) return taker_(signal);
  if (std::ranges::find(missed_, signal) == missed_.end()) missed_.push_back(signal);
}

}  // namespace gateway
