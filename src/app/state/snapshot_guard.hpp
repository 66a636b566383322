// Keeps what is erased from memory from coming back out of the snapshot on disk: while a snapshot is loaded, while one is written, and at
// the next start. An erasure only notes itself here and wakes a thread of app/snapshot/snapshot_keeper, which removes the file at once; a
// new one is written soon. A process that is killed between the note and the removal, ordinarily within a millisecond, leaves the file.
// Thread rule: any thread; requests that are answered from the cache do not come here. `mutex_` is never held while a file is touched: only
// the keeper's threads wait for a disk, and for each other, with `files_mutex_` (which is locked first).
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "core/cache/erasures.hpp"
#include "core/cache/snapshot_entry.hpp"
#include "io/files/snapshot_file.hpp"

namespace gateway {

class snapshot_guard {
public:
  // `file` "": there is no snapshot, and nothing to do.
  snapshot_guard(const std::string& file, const short_hash_key& for_tables) : file_(file), key_(for_tables) {
    if (!file_.empty()) erased_.begin_load();
  }

  // Before memory: the owner's, the entry's or the call's mark.
  void erase(std::uint64_t mark);
  // What is on disk of it is old: a new one is written soon.
  void outdate(std::uint64_t mark);
  // An operator's word: all files go, whatever is in them. Nothing: of every call. Returns a number for is_settled().
  std::uint64_t purge(const std::optional<call_sid>& call);
  // Is what that purge was about no longer on disk?
  [[nodiscard]] bool is_settled(std::uint64_t ticket) const;

  // --- for app/snapshot_keeper: who is in charge of the files
  snapshot_lock::attempt take_charge(std::string& why_not);
  // Others have it, for good: nothing is touched here any more.
  void leave();

  // --- removing
  // Waits until something must go. False: it is time to end, and nothing must.
  bool wait_for_removal();
  // Removes what must go. False: it is still there.
  bool remove_erased();
  // Before the next try. False: there is none, it is time to end.
  bool pause_removals(mono_time until);
  void end_removals();

  // --- loading. What it is loaded from is open, and can be read to its end whatever becomes of the file.
  void opened();
  // `file` is called for those that were not erased since the start.
  struct candidate {
    cache_key key;
    entry_ptr made;
  };
  template <class File>
  void bring_back(std::span<const candidate> some, File&& file) {
    std::lock_guard const lock{mutex_};
    for (auto const& one : some) {
      if (!erased_.covers(one.key)) file(one);
    }
  }
  void end_load(erasures::load_end how, snapshot_marks held);

  // --- writing
  void begin_write();
  enum class placing : std::uint8_t { placed, overtaken, failed };
  // `last`: a successor waits for it, and its word counts as well.
  placing place(snapshot_marks written, snapshot_output& made, bool last, std::string& why_not);
  void end_write();
  [[nodiscard]] bool has_snapshot() const;
  [[nodiscard]] bool is_outdated() const;

  // --- waking the keeper
  enum class wake : std::uint8_t { time, erased, end };
  // `on_erasure`: also when there is no snapshot (any more), or an old one.
  wake wait(mono_time until, bool on_erasure);
  void ask_end();
  [[nodiscard]] bool is_to_end() const;

private:
  enum class charge : std::uint8_t { waiting, ours, left };
  [[nodiscard]] bool wants_removal() const;

  const std::string file_;
  const short_hash_key key_;
  std::mutex files_mutex_;  // held while files are opened, renamed and removed
  snapshot_lock lock_;      // protected by files_mutex_
  std::string logged_;      // why nothing could be removed; protected by files_mutex_

  mutable std::mutex mutex_;  // protects all that follow
  std::condition_variable woken_;
  charge charge_ = charge::waiting;
  erasures erased_;
  bool opened_ = false;          // the file, for loading
  bool unfinished_too_ = false;  // a purge wants what is being written to go as well
  std::uint64_t purges_ = 0;     // asked for
  std::uint64_t settled_ = 0;    // of these, passed on to the predecessor that has the files
  bool to_end_ = false;
  bool removals_end_ = false;
};

}  // namespace gateway
