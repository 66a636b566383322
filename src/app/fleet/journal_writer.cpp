#include "app/fleet/journal_writer.hpp"

#include "io/files/snapshot_file.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// A version alone may wait: an older one only lets the next process apply some marks once more.
constexpr std::chrono::seconds rest{5};

struct journal_job final : file_job {
  void work() override { is_good = replace_file(path, text, why_not); }

  std::string path;
  std::string text;
  bool is_good = false;
  std::string why_not;
};

}  // namespace

std::optional<mark_journal> journal_writer::read() const {
  if (path_.empty()) return std::nullopt;
  snapshot_input input;
  std::string why_not;
  if (!input.open(path_, why_not)) {
    if (!why_not.empty()) log_warning("fleet: the journal {} is not used: {}", path_, why_not);
    return std::nullopt;
  }
  auto found = mark_journal::parse(input.read(mark_journal::longest));
  if (!found) log_warning("fleet: the journal {} is damaged and not used", path_);
  return found;
}

void journal_writer::offer(const mark_journal& now, std::uint64_t number, bool soon, const std::shared_ptr<sleeper>& wakes) {
  bool const rests = mono_now() < rested_ && (!soon || failing_);
  if (path_.empty() || writing_ || rests) return;
  if (now == last_) return written_.store(number, std::memory_order_release);
  writing_ = true;
  home_.start_task("fleet journal", write(now, number, wakes));
}

task<void> journal_writer::write(mark_journal what, std::uint64_t number, std::shared_ptr<sleeper> wakes) {
  auto const job = std::make_shared<journal_job>();
  job->path = path_;
  job->text = what.text();
  std::shared_ptr<file_job> const given = job;
  co_await files_.run(given, mono_time::max());
  if (job->is_good) {
    last_ = std::move(what);
  } else if (!failing_) {
    log_entry(logbook_kind::journal_failed, {{"cause", job->why_not}});
  }
  failing_ = !job->is_good;
  writing_ = false;
  rested_ = mono_now() + rest;
  written_.store(number, std::memory_order_release);
  wakes->wake();
}

}  // namespace gateway
