// Keeps entries that were erased from memory from coming back from the snapshot on disk: while a snapshot is loaded, while one is written,
// and at the next start. An erasure only leaves a note here and wakes a thread of app/snapshot/snapshot_keeper, which removes the file at
// once; a new one is written soon. A process that is killed between the note and the removal, normally within a millisecond, leaves the
// file.
// Thread rule: any thread; requests that are answered from the cache do not use it. `mutex_` is never held during file operations: only the
// keeper's threads wait for a disk, and for each other, with `files_mutex_` (which is locked first).
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
  // An empty `file` means that there is no snapshot and nothing to do.
  snapshot_guard(const std::string& file, const short_hash_key& for_tables) : file_(file), key_(for_tables) {
    if (!file_.empty()) erased_.begin_load();
  }

  // Whether there may be a file.
  [[nodiscard]] bool is_used() const { return !file_.empty(); }
  // Call it before erasing from memory, with the mark of the owner, the entry or the call.
  void erase(std::uint64_t mark);
  // The copies on disk are old: a new snapshot is written soon.
  void outdate(std::uint64_t mark);
  // A purge by an operator: all files are removed, whatever they contain. nullopt: all calls. Returns a number for is_settled().
  std::uint64_t purge(const std::optional<call_sid>& call);
  // The same for an erasure whose entries are found one by one. Until it ends, no snapshot is written.
  std::uint64_t begin_search();
  void end_search();
  [[nodiscard]] bool is_searching() const;
  // Whether entries of a snapshot may still come back.
  [[nodiscard]] bool is_loading() const;
  // Whether the entries of that purge are no longer on disk.
  [[nodiscard]] bool is_settled(std::uint64_t ticket) const;
  // Whether the files are this process's, and hold nothing that was erased or has become old.
  [[nodiscard]] bool is_clean() const;

  // --- for app/snapshot_keeper: control of the files
  snapshot_lock::attempt take_charge(std::string& why_not);
  // Another process keeps the files: from now on this one does not touch them.
  void leave();

  // --- removing
  // Waits until a file must be removed. False: the process ends, and no file must be removed.
  bool wait_for_removal();
  // Removes the files that must go. False: a file is still there.
  bool remove_erased();
  // Waits before the next attempt. False: there is none, because the process ends.
  bool pause_removals(mono_time until);
  void end_removals();

  // --- loading. The file is already open, so it can be read to its end even after it is removed.
  void opened();
  // Calls `file` for each entry that was not erased since the start.
  struct candidate {
    cache_key key;
    entry_ptr made;
  };
  template <class File>
  void bring_back(std::span<const candidate> some, File&& file) {
    std::lock_guard const lock{mutex_};
    for (auto const& one : some) {
      if (!erased_.covers(one.key)) file(one);  // defence: erased-stays-erased
    }
  }
  void end_load(erasures::load_end how, snapshot_marks held);

  // --- writing
  void begin_write();
  enum class placing : std::uint8_t { placed, overtaken, failed };
  // `last`: a successor waits for the files, and its mark is respected as well.
  placing place(snapshot_marks written, snapshot_output& made, bool last, std::string& why_not);
  void end_write();
  [[nodiscard]] bool has_snapshot() const;
  [[nodiscard]] bool is_outdated() const;

  // --- waking the keeper
  enum class wake : std::uint8_t { time, erased, end };
  // `on_erasure`: also wakes when there is no snapshot (any more), or an old one.
  wake wait(mono_time until, bool on_erasure);
  void ask_end();
  [[nodiscard]] bool is_to_end() const;

private:
  enum class charge : std::uint8_t { waiting, ours, left };
  [[nodiscard]] bool wants_removal() const;
  std::uint64_t remove_all();

  const std::string file_;
  const short_hash_key key_;
  std::mutex files_mutex_;  // held while files are opened, renamed and removed
  snapshot_lock lock_;      // protected by files_mutex_
  std::string logged_;      // why no file could be removed; protected by files_mutex_

  mutable std::mutex mutex_;  // protects all members below
  std::condition_variable woken_;
  charge charge_ = charge::waiting;
  erasures erased_;
  bool opened_ = false;          // the file, for loading
  bool unfinished_too_ = false;  // a purge also removes the file that is being written
  std::uint64_t purges_ = 0;     // requested
  std::uint64_t settled_ = 0;    // of these, done on disk, or marked for a predecessor that has the files
  bool to_end_ = false;
  bool removals_end_ = false;
};

}  // namespace gateway
