#include "app/state/snapshot_guard.hpp"

#include "io/runtime/log.hpp"

namespace gateway {

void snapshot_guard::erase(std::uint64_t mark) {
  if (file_.empty()) return;
  std::lock_guard const lock{mutex_};
  erased_.note(mark);
  if (erased_.must_go()) woken_.notify_all();
}

void snapshot_guard::outdate(std::uint64_t mark) {
  if (file_.empty()) return;
  std::lock_guard const lock{mutex_};
  if (erased_.outdate(mark)) woken_.notify_all();
}

std::uint64_t snapshot_guard::purge(const std::optional<call_sid>& call) {
  if (file_.empty()) return 0;
  std::lock_guard const lock{mutex_};
  call ? erased_.note(mark_of(*call, key_)) : erased_.note_all();
  return remove_all();
}

// With mutex_.
std::uint64_t snapshot_guard::remove_all() {
  if (charge_ == charge::left) return 0;
  erased_.lose_snapshot();  // defence: purge-removes-file
  unfinished_too_ = true;   // defence: purge-removes-unfinished
  woken_.notify_all();
  return ++purges_;
}

std::uint64_t snapshot_guard::begin_search() {
  if (file_.empty()) return 0;
  std::lock_guard const lock{mutex_};
  erased_.begin_search();
  return remove_all();
}

void snapshot_guard::end_search() {
  if (file_.empty()) return;
  std::lock_guard const lock{mutex_};
  erased_.end_search();
  woken_.notify_all();
}

bool snapshot_guard::is_searching() const {
  std::lock_guard const lock{mutex_};
  return erased_.is_searching();
}

bool snapshot_guard::is_loading() const {
  std::lock_guard const lock{mutex_};
  return erased_.is_loading();
}

bool snapshot_guard::is_settled(std::uint64_t ticket) const {
  std::lock_guard const lock{mutex_};
  return ticket <= settled_ || charge_ == charge::left || (charge_ == charge::ours && !erased_.must_go());
}

bool snapshot_guard::is_clean() const {
  std::lock_guard const lock{mutex_};
  return charge_ == charge::ours && erased_.is_clean();
}

// While a predecessor still has the files, only a purge removes them. Other erasures are checked against the snapshot when it is loaded,
// after this process has taken over the files.
bool snapshot_guard::wants_removal() const {
  if (charge_ == charge::waiting) return unfinished_too_;
  return charge_ == charge::ours && opened_ && erased_.must_go();
}

bool snapshot_guard::wait_for_removal() {
  std::unique_lock lock{mutex_};
  woken_.wait(lock, [&] { return removals_end_ || wants_removal(); });
  return wants_removal();
}

bool snapshot_guard::pause_removals(mono_time until) {
  std::unique_lock lock{mutex_};
  return !woken_.wait_until(lock, until, [&] { return removals_end_; });
}

bool snapshot_guard::remove_erased() {
  std::lock_guard const files{files_mutex_};
  bool unfinished_too = false;
  bool is_others = false;
  std::uint64_t purges = 0;
  {
    std::lock_guard const lock{mutex_};
    if (!wants_removal()) return true;
    unfinished_too = unfinished_too_;
    is_others = charge_ == charge::waiting;
    purges = purges_;
  }
  if (is_others) lock_.mark(true);
  std::string why_not;
  // The unfinished file goes first: then it can no longer replace the snapshot.
  if ((unfinished_too && !remove_unfinished(file_, why_not)) || !remove_snapshot(file_, why_not)) {
    if (logged_ != why_not) log_entry(logbook_kind::erasure_incomplete, {{"cause", why_not}});
    logged_ = why_not;
    return false;
  }
  logged_.clear();
  std::lock_guard const lock{mutex_};
  // With the files ours, no other process can have replaced the snapshot. A predecessor still may.
  if (!is_others) erased_.removed();
  if (purges == purges_) unfinished_too_ = false;
  settled_ = purges;
  woken_.notify_all();
  return true;
}

void snapshot_guard::end_removals() {
  std::lock_guard const lock{mutex_};
  removals_end_ = true;
  woken_.notify_all();
}

snapshot_lock::attempt snapshot_guard::take_charge(std::string& why_not) {
  std::lock_guard const files{files_mutex_};
  auto const got = lock_.take(file_, why_not);
  if (got != snapshot_lock::attempt::taken) return got;
  lock_.mark(false);
  // A process that was killed while it wrote may have left an unfinished file, and no other process removes it.
  remove_unfinished(file_, why_not);
  std::lock_guard const lock{mutex_};
  charge_ = charge::ours;
  return got;
}

void snapshot_guard::leave() {
  std::lock_guard const files{files_mutex_};
  lock_.release();
  std::lock_guard const lock{mutex_};
  charge_ = charge::left;
  erased_ = {};
}

void snapshot_guard::opened() {
  std::lock_guard const lock{mutex_};
  opened_ = true;
  woken_.notify_all();
}

void snapshot_guard::end_load(erasures::load_end how, snapshot_marks held) {
  std::lock_guard const lock{mutex_};
  erased_.end_load(how, std::move(held));
  woken_.notify_all();
}

void snapshot_guard::begin_write() {
  std::lock_guard const lock{mutex_};
  erased_.begin_write();
}

// An entry that is erased during the rename is noticed right after it, and the new file is removed again.
snapshot_guard::placing snapshot_guard::place(snapshot_marks written, snapshot_output& made, bool last, std::string& why_not) {
  std::lock_guard const files{files_mutex_};
  {
    std::lock_guard const lock{mutex_};
    if (!erased_.allows(written)) return placing::overtaken;  // defence: erased-while-written
  }
  if (last && lock_.is_marked()) return placing::overtaken;
  bool gone = false;
  if (!made.place(gone, why_not)) return gone ? placing::overtaken : placing::failed;
  std::lock_guard const lock{mutex_};
  if (erased_.placed(std::move(written))) {
    unfinished_too_ = false;
    return placing::placed;
  }
  woken_.notify_all();
  return placing::overtaken;
}

void snapshot_guard::end_write() {
  std::lock_guard const lock{mutex_};
  erased_.end_write();
}

bool snapshot_guard::has_snapshot() const {
  std::lock_guard const lock{mutex_};
  return erased_.has_snapshot();
}

bool snapshot_guard::is_outdated() const {
  std::lock_guard const lock{mutex_};
  return erased_.is_outdated();
}

snapshot_guard::wake snapshot_guard::wait(mono_time until, bool on_erasure) {
  std::unique_lock lock{mutex_};
  auto const is_erased = [&] { return on_erasure && (!erased_.has_snapshot() || erased_.is_outdated()); };
  woken_.wait_until(lock, until, [&] { return to_end_ || is_erased(); });
  if (to_end_) return wake::end;
  return is_erased() ? wake::erased : wake::time;
}

void snapshot_guard::ask_end() {
  std::lock_guard const lock{mutex_};
  to_end_ = true;
  woken_.notify_all();
}

bool snapshot_guard::is_to_end() const {
  std::lock_guard const lock{mutex_};
  return to_end_;
}

}  // namespace gateway
