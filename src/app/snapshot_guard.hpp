// Sees to it that what is erased from memory does not come back out of the snapshot on disk: not while that one is being loaded, not out
// of one that is being written at that moment, and not at the next start, even if the process dies right now: the file goes at once, and
// a new one is written soon (app/snapshot_keeper).
// Thread rule: any thread. Nobody who is answered from the cache comes here. Its lock is held while a file is renamed or removed, no
// longer.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "core/cache/erasures.hpp"
#include "core/cache/snapshot_entry.hpp"
#include "io/snapshot_file.hpp"

namespace gateway {

class snapshot_guard {
public:
  // `file` "": there is no snapshot, and nothing to do.
  snapshot_guard(const std::string& file, const short_hash_key& for_tables) : file_(file), key_(for_tables) {
    if (!file_.empty()) erased_.begin_load();
  }

  // Before memory: the owner's, the entry's or the call's mark.
  void erase(std::uint64_t mark);
  void erase(const call_sid& call) { erase(mark_of(call, key_)); }
  // An operator's word: all files go, whatever is in them. Nothing: of every call.
  void purge(const std::optional<call_sid>& call);

  // --- for app/snapshot_keeper: who is in charge of the files
  snapshot_lock::attempt take_charge(std::string& why_not);
  // Others have it, for good: nothing is touched here any more.
  void leave();

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
  // `sound`: what it was loaded from holds this, and may stay until there is a newer one. Else it goes.
  void end_load(bool sound, snapshot_marks held);

  // --- writing
  void begin_write();
  enum class placing : std::uint8_t { placed, overtaken, failed };
  // `last`: a successor waits for it, and its word counts as well.
  placing place(snapshot_marks written, snapshot_output& made, bool last, std::string& why_not);
  void end_write();
  [[nodiscard]] bool has_snapshot() const;

  // --- waking the keeper
  enum class wake : std::uint8_t { time, erased, end };
  // `on_erasure`: also when there is no snapshot (any more).
  wake wait(mono_time until, bool on_erasure);
  void ask_end();
  [[nodiscard]] bool is_to_end() const;

private:
  enum class charge : std::uint8_t { waiting, ours, left };
  void remove_files(bool unfinished_too);

  const std::string file_;
  const short_hash_key key_;
  mutable std::mutex mutex_;
  std::condition_variable woken_;
  charge charge_ = charge::waiting;  // all that follow are protected by mutex_
  erasures erased_;
  snapshot_lock lock_;
  bool to_end_ = false;
};

}  // namespace gateway
