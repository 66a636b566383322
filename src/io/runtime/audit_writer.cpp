#include "io/runtime/audit_writer.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

using std::chrono::milliseconds;

constexpr ::mode_t owner_only = 0600;
constexpr milliseconds write_time{100};
constexpr milliseconds next_try{500};  // while the file cannot be written
constexpr milliseconds audit_last_patience{1000};

}  // namespace

audit_writer::audit_writer(std::string path) : path_(std::move(path)) {
  std::string why_not;
  if (!path_.empty() && !file_.open(path_, why_not, owner_only)) throw std::runtime_error{"admin.audit_file: " + why_not};
}

audit_writer::~audit_writer() {
  if (!stop(mono_now() + audit_last_patience)) std::terminate();  // its thread would go on in an object that is gone
}

void audit_writer::start() {
  if (!path_.empty()) thread_.start([this] { run(); });
}

bool audit_writer::stop(mono_time deadline) {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
    last_ = deadline;
  }
  wakes_.notify_one();
  return thread_.join_until(deadline + write_time);
}

void audit_writer::put(std::string_view line) {
  if (path_.empty()) return;
  std::lock_guard const lock{mutex_};
  if (queue_.size() == room) {  // defence: audit-queue-bounded
    lost_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  queue_.push_back(std::string{line} + "\n");
  wakes_.notify_one();
}

void audit_writer::reopen() {
  std::lock_guard const lock{mutex_};
  wants_reopen_ = true;
  wakes_.notify_one();
}

// Lines leave the queue once they are written, so that what waits stays bounded.
void audit_writer::run() {
  std::unique_lock lock{mutex_};
  bool is_stuck = false;
  while (true) {
    auto const has_work = [&] { return stopping_ || wants_reopen_ || (!queue_.empty() && !is_stuck); };
    if (is_stuck) {
      wakes_.wait_for(lock, next_try, [&] { return stopping_; });
    } else {
      wakes_.wait(lock, has_work);
    }
    bool const is_last = stopping_;
    auto const deadline = is_last ? last_ : mono_now() + write_time;
    wants_reopen_ = false;
    std::string lines;
    for (auto const& one : queue_) lines += one;
    lock.unlock();
    auto const before = static_cast<std::size_t>(std::ranges::count(lines, '\n'));
    is_stuck = !write(lines, deadline);
    auto const left = static_cast<std::size_t>(std::ranges::count(lines, '\n'));
    lock.lock();
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(before - left));
    if (is_last && (is_stuck || queue_.empty())) break;
  }
  lost_.fetch_add(queue_.size(), std::memory_order_relaxed);
  queue_.clear();
}

// Keeps the lines that are not written as a whole. One that a full disk has cut is written again, on a line of its own.
bool audit_writer::write(std::string& lines, mono_time deadline) {
  std::string trouble;
  if (file_.is_elsewhere(path_) && !file_.open(path_, trouble, owner_only)) {  // defence: audit-follows-path
    judge(trouble);
    return false;
  }
  int error = 0;
  auto const taken = file_.write(lines, deadline, error);
  auto const end = std::string_view{lines}.substr(0, taken).rfind('\n');
  lines.erase(0, end == std::string_view::npos ? 0 : end + 1);
  if (error != 0) trouble = "'" + path_ + "': " + std::generic_category().message(error);
  if (error == 0 && !lines.empty()) trouble = "'" + path_ + "': it takes no line";
  judge(trouble);
  return lines.empty();
}

// The log is told once when it begins and once when it ends.
void audit_writer::judge(const std::string& trouble) {
  if (trouble.empty() == trouble_.empty()) return;
  trouble_ = trouble;
  if (!trouble.empty()) {
    lost_before_ = lost();
    log_entry(logbook_kind::audit_failed, {{"cause", trouble}});
  } else {
    log_entry(logbook_kind::audit_recovered, {{"count", lost() - lost_before_}});
  }
}

}  // namespace gateway
