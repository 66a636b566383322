#include "app/snapshot_guard.hpp"

#include "io/runtime/log.hpp"

namespace gateway {

void snapshot_guard::erase(std::uint64_t mark) {
  if (file_.empty()) return;
  std::lock_guard const lock{mutex_};
  // While a predecessor has the files still, they are gone through once they are ours: it may have written something new by then.
  if (erased_.note(mark) && charge_ == charge::ours) remove_files(false);
}

void snapshot_guard::purge(const std::optional<call_sid>& call) {
  if (file_.empty()) return;
  std::lock_guard const lock{mutex_};
  call ? erased_.note(mark_of(*call, key_)) : erased_.note_all();
  if (charge_ == charge::left) return;
  erased_.lose_snapshot();
  if (charge_ == charge::waiting) lock_.mark(true);
  remove_files(true);
}

// What is unfinished first: once it is gone it cannot take the place of the other one.
void snapshot_guard::remove_files(bool unfinished_too) {
  std::string why_not;
  if ((unfinished_too && !remove_unfinished(file_, why_not)) || !remove_snapshot(file_, why_not))
    log_error("snapshot: something was erased from the cache, but not from the disk: {}", why_not);
  woken_.notify_all();
}

snapshot_lock::attempt snapshot_guard::take_charge(std::string& why_not) {
  std::lock_guard const lock{mutex_};
  auto const got = lock_.take(file_, why_not);
  if (got != snapshot_lock::attempt::taken) return got;
  charge_ = charge::ours;
  lock_.mark(false);
  // Of a process that was killed while it wrote: nobody else takes it away.
  remove_unfinished(file_, why_not);
  return got;
}

void snapshot_guard::leave() {
  std::lock_guard const lock{mutex_};
  charge_ = charge::left;
  erased_ = {};
  lock_.release();
}

void snapshot_guard::opened() {
  std::lock_guard const lock{mutex_};
  if (!erased_.has_snapshot()) remove_files(true);
}

void snapshot_guard::end_load(bool sound, snapshot_marks held) {
  std::lock_guard const lock{mutex_};
  erased_.end_load(sound, std::move(held));
  if (!erased_.has_snapshot()) remove_files(true);
}

void snapshot_guard::begin_write() {
  std::lock_guard const lock{mutex_};
  erased_.begin_write();
}

snapshot_guard::placing snapshot_guard::place(snapshot_marks written, snapshot_output& made, bool last, std::string& why_not) {
  std::lock_guard const lock{mutex_};
  if (!erased_.allows(written) || (last && lock_.is_marked())) return placing::overtaken;
  bool gone = false;
  if (!made.place(gone, why_not)) return gone ? placing::overtaken : placing::failed;
  erased_.placed(std::move(written));
  return placing::placed;
}

void snapshot_guard::end_write() {
  std::lock_guard const lock{mutex_};
  erased_.end_write();
}

bool snapshot_guard::has_snapshot() const {
  std::lock_guard const lock{mutex_};
  return erased_.has_snapshot();
}

snapshot_guard::wake snapshot_guard::wait(mono_time until, bool on_erasure) {
  std::unique_lock lock{mutex_};
  auto const is_erased = [&] { return on_erasure && !erased_.has_snapshot(); };
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
