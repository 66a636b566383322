// The link between erasures in memory and the snapshot on disk. It decides whether the snapshot must be removed, whether a snapshot that is
// being written may replace it, and which entries of a snapshot that is being loaded must not return. Entries are known by marks: keyed
// hashes of their owner, of their call and of both. Because marks are keyed, a client cannot choose what to erase from the disk.
// Thread rule: none of its own; app/state/snapshot_guard locks.
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "core/cache/key.hpp"

namespace gateway {

inline std::uint64_t mark_of(const partition& owner) { return owner.bits(); }
inline std::uint64_t mark_of(const call_sid& call, const short_hash_key& key) { return cache_key::call_bits(call, key); }
inline std::uint64_t mark_of(const cache_key& key) { return key.bits_of_all_spellings(); }

// The marks of a snapshot's entries: 24 bytes per entry.
class snapshot_marks {
public:
  void add(const cache_key& key);
  // Call it after the last add() and before holds().
  void finish();
  [[nodiscard]] bool holds(std::uint64_t mark) const;

private:
  std::vector<std::uint64_t> marks_;  // sorted by finish()
};

class erasures {
public:
  // A snapshot on disk may be loaded now. Call it before anything can be erased.
  void begin_load();
  // `held`: the marks that were read. Only now it is known whether the snapshot holds an entry that was erased meanwhile.
  enum class load_end : std::uint8_t {
    whole,
    partial,   // a part of it was not read
    unusable,  // there is no snapshot, or it must not stay
  };
  void end_load(load_end how, snapshot_marks held);
  // During a load: whether this entry must not return.
  [[nodiscard]] bool covers(const cache_key& key) const;

  void begin_write();
  // Whether the new snapshot may replace the old one: not if an entry of it was erased since the write began.
  [[nodiscard]] bool allows(const snapshot_marks& written) const;
  // The new snapshot has replaced the old one. Returns false if an entry of it was erased at that moment: then it must be removed.
  bool placed(snapshot_marks written);
  void end_write();

  // Erased: an entry, all entries of an owner, or all entries of a call.
  void note(std::uint64_t mark);
  void note_all();
  // The operator wants the snapshot removed, whatever it holds.
  void lose_snapshot();
  // An erasure by content: its entries are known only when they are found. No snapshot stays, and none takes its place until the search
  // has ended. What is loaded meanwhile is judged entry by entry.
  void begin_search();
  void end_search();
  [[nodiscard]] bool is_searching() const { return searches_ > 0; }
  // Nothing is erased, but the entry on disk is old now. Returns true if a new snapshot should be written.
  bool outdate(std::uint64_t mark);

  // Whether the snapshot on disk must be removed; removed() says that it was.
  [[nodiscard]] bool must_go() const { return must_go_; }
  void removed() { must_go_ = false; }
  [[nodiscard]] bool has_snapshot() const { return present_; }
  [[nodiscard]] bool is_outdated() const { return outdated_; }
  [[nodiscard]] bool is_loading() const { return loading_; }
  // Whether the snapshot on disk, if there is one, holds nothing that was erased or has become old.
  [[nodiscard]] bool is_clean() const { return !loading_ && !must_go_ && !outdated_; }

private:
  [[nodiscard]] bool has_noted(std::uint64_t mark) const { return noted_.contains(mark); }
  void forget_notes();

  bool loading_ = false;
  bool writing_ = false;
  bool present_ = false;                     // a snapshot is on disk and may stay
  bool must_go_ = false;                     // a snapshot that may be on disk must be removed
  bool outdated_ = false;                    // an entry on disk is older than the one in memory
  bool outdated_meanwhile_ = false;          // the same for the snapshot that is being written
  bool all_ = false;                         // all entries were erased since the load or write began
  std::size_t searches_ = 0;                 // under way
  std::unordered_set<std::uint64_t> noted_;  // the marks that were erased since then
  snapshot_marks held_;                      // the marks of the snapshot on disk
};

}  // namespace gateway
