#include "io/runtime/log_writer.hpp"

#include <algorithm>

#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds log_look_every{100};
constexpr milliseconds direct_patience{100};

std::uint64_t count_of(std::string_view lines) { return static_cast<std::uint64_t>(std::ranges::count(lines, '\n')); }

}  // namespace

void log_writer::put(std::string_view line) {
  std::lock_guard const lock{mutex_};
  std::string text{line};
  switch (is_) {
    case state::direct:
      write(text, mono_now() + direct_patience);
      lost_.fetch_add(count_of(text), std::memory_order_relaxed);
      return;
    case state::hung:
      lost_.fetch_add(1, std::memory_order_relaxed);
      return;
    case state::queued:
    case state::stopping:
      break;
  }
  if (queue_.size() == room) {  // defence: log-bounded
    queue_.pop_front();
    lost_.fetch_add(1, std::memory_order_relaxed);
  }
  queue_.push_back(std::move(text));
  wakes_.notify_one();
}

void log_writer::start() {
  {
    std::lock_guard const lock{mutex_};
    is_ = state::queued;
  }
  thread_.start([this] { run(); });
}

bool log_writer::stop(mono_time deadline) {
  {
    std::lock_guard const lock{mutex_};
    if (is_ == state::direct) return true;
    is_ = state::stopping;
    last_ = deadline;
  }
  wakes_.notify_one();
  bool const ended = thread_.join_until(deadline + log_look_every);
  std::lock_guard const lock{mutex_};
  is_ = ended ? state::direct : state::hung;
  return ended;
}

void log_writer::run() {
  std::string lines;
  std::unique_lock lock{mutex_};
  while (true) {
    wakes_.wait(lock, [&] { return is_ == state::stopping || !queue_.empty() || !lines.empty(); });
    bool const last = is_ == state::stopping;
    auto const deadline = last ? last_ : mono_now() + log_look_every;
    if (last && (mono_now() >= deadline || (queue_.empty() && lines.empty()))) break;
    // The queue is emptied only after all earlier lines are written, so that what waits stays bounded.
    if (lines.empty()) {
      for (auto const& one : queue_) lines += one;
      queue_.clear();
    }
    lock.unlock();
    write(lines, deadline);
    lock.lock();
  }
  lost_.fetch_add(count_of(lines) + queue_.size(), std::memory_order_relaxed);
  queue_.clear();
}

void log_writer::write(std::string& lines, mono_time deadline) {
  std::string ignored;
  if (!file_.is_open()) file_.open("", ignored);
  int error = 0;
  lines.erase(0, file_.write(lines, deadline, error));
  if (error == 0) return;
  lost_.fetch_add(count_of(lines), std::memory_order_relaxed);
  lines.clear();
}

}  // namespace gateway
