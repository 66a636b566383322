#include "io/runtime/access_writer.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <system_error>

#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds access_look_every{20};
// After so many looks without a line it rests, to be woken by the next one.
constexpr int looks_before_rest = 50;
constexpr std::chrono::seconds longest_rest{60};
constexpr milliseconds access_last_patience{1000};

}  // namespace

access_writer::access_writer(const log_settings& values, const listener_names& names)
    : path_(values.access_file), names_(names), is_on_(values.access != access_log::none) {
  std::string why_not;
  if (is_on_ && !file_.open(path_, why_not)) throw std::runtime_error{"log.access_file: " + why_not};
}

access_writer::~access_writer() {
  if (!stop(mono_now() + access_last_patience)) std::terminate();  // its thread would go on in an object that is gone
}

void access_writer::start(std::vector<access_queue*> from) {
  if (!is_on_) return;
  queues_ = std::move(from);
  for (auto* const one : queues_) one->open(this);
  thread_.start([this] { run(); });
}

bool access_writer::stop(mono_time deadline) {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
    last_ = deadline;
  }
  wakes_.notify_one();
  return thread_.join_until(deadline + access_look_every);
}

void access_writer::wake() {
  std::lock_guard const lock{mutex_};
  rests.store(false, std::memory_order_relaxed);
  wakes_.notify_one();
}

// While lines come, workers do not wake this thread: that would cost a system call a line, and one write of many lines is cheaper.
void access_writer::run() {
  int empty_looks = 0;
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    bool const rests_now = empty_looks >= looks_before_rest && begin_rest();
    wakes_.wait_for(lock, rests_now ? longest_rest : access_look_every);
    rests.store(false, std::memory_order_relaxed);
    lock.unlock();
    empty_looks = look(mono_now() + access_look_every) ? 0 : empty_looks + 1;
    lock.lock();
  }
  auto const deadline = last_;
  lock.unlock();
  look(deadline);
}

// False if a line has come meanwhile. Called with the mutex held, so that wake() comes before it or during the rest.
bool access_writer::begin_rest() {
  rests.store(true, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return !wants_reopen_.load(std::memory_order_relaxed) && std::ranges::all_of(queues_, [](auto const* one) { return one->is_empty(); });
}

bool access_writer::look(mono_time deadline) {
  if (wants_reopen_.exchange(false, std::memory_order_relaxed)) open_again();
  if (!flush(deadline)) return true;  // the queues are read only after all earlier lines are written
  bool any = false;
  for (auto* const queue : queues_) {
    queue->take_all([&](const logged_request& one) {
      append_logged(lines_, one, names_.current());
      lines_ += '\n';
      any = true;
    });
    if (!flush(deadline)) return true;
  }
  return any;
}

// False if lines remain for which there is no room at the moment.
bool access_writer::flush(mono_time deadline) {
  int error = 0;
  lines_.erase(0, file_.write(lines_, deadline, error));
  if (error != 0) {
    if (!failing_)
      log_entry(logbook_kind::access_log_failed, {{"cause", std::generic_category().message(error)}, {"consequence", "lines are lost"}});
    lost_.fetch_add(static_cast<std::uint64_t>(std::ranges::count(lines_, '\n')), std::memory_order_relaxed);
    lines_.clear();
  }
  failing_ = error != 0;
  return lines_.empty();
}

void access_writer::open_again() {
  std::string why_not;
  if (!file_.open(path_, why_not))
    log_entry(logbook_kind::access_log_failed, {{"cause", why_not}, {"consequence", "the old file is still written"}});
}

}  // namespace gateway
