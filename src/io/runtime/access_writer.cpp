#include "io/runtime/access_writer.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include "io/runtime/log.hpp"

namespace gateway {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds look_every{20};
constexpr milliseconds last_deadline{1000};

}  // namespace

access_writer::access_writer(const log_settings& values, const listener_names& names)
    : path_(values.access_file), names_(names), is_on_(values.access != access_log::none) {
  std::string why_not;
  if (is_on_ && !file_.open(path_, why_not)) throw std::runtime_error{"log.access_file: " + why_not};
}

void access_writer::start(std::vector<access_queue*> from) {
  if (!is_on_) return;
  queues_ = std::move(from);
  for (auto* const one : queues_) one->open();
  thread_ = std::thread{[this] { run(); }};
}

void access_writer::stop() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
  }
  wakes_.notify_one();
  thread_.join();
}

// Workers do not wake this thread for each line: that would cost them a system call, and one write of many lines is cheaper.
void access_writer::run() {
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    wakes_.wait_for(lock, look_every);
    lock.unlock();
    look(look_every);
    lock.lock();
  }
  look(last_deadline);
}

void access_writer::look(milliseconds wait) {
  if (wants_reopen_.exchange(false, std::memory_order_relaxed)) open_again();
  if (!flush(wait)) return;  // the queues are read only after all earlier lines are written
  for (auto* const queue : queues_) {
    queue->take_all([&](const logged_request& one) {
      append_logged(lines_, one, names_.current());
      lines_ += '\n';
    });
    if (!flush(wait)) return;
  }
}

// False if lines remain for which there is no room at the moment.
bool access_writer::flush(milliseconds wait) {
  int error = 0;
  lines_.erase(0, file_.write(lines_, wait, error));
  if (error != 0) {
    if (!failing_) log_error("access log: lines are lost: {}", std::generic_category().message(error));
    lost_.fetch_add(static_cast<std::uint64_t>(std::ranges::count(lines_, '\n')), std::memory_order_relaxed);
    lines_.clear();
  }
  failing_ = error != 0;
  return lines_.empty();
}

void access_writer::open_again() {
  std::string why_not;
  if (!file_.open(path_, why_not)) log_error("access log: {}; the old file is still written", why_not);
}

}  // namespace gateway
