// What was erased from memory, as far as it concerns the snapshot on disk: whether that one must go, whether one that is being written may
// take its place, and what of one that is being loaded may not come back. Entries are known by marks: hashes of their owner, of their call
// and of both. Marks are keyed, so a stranger cannot make what he has erased look like something that is on disk.
// Thread rule: none of its own; whoever shares it locks around it (app/snapshot_guard).
#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "core/cache/key.hpp"

namespace gateway {

inline std::uint64_t mark_of(const partition& owner) { return owner.bits(); }
std::uint64_t mark_of(const call_sid& call, const short_hash_key& key);
inline std::uint64_t mark_of(const cache_key& key) { return key.hash; }

// Of what a snapshot holds: 24 bytes an entry.
class snapshot_marks {
public:
  void add(const cache_key& key);
  // When all are there, before holds().
  void finish();
  [[nodiscard]] bool holds(std::uint64_t mark) const;

private:
  std::vector<std::uint64_t> marks_;  // sorted by finish()
};

class erasures {
public:
  // A snapshot may be on disk, and what is in it will be loaded. Before anything can be erased.
  void begin_load();
  // `sound`: what was loaded from holds this, and may stay until there is a newer one.
  void end_load(bool sound, snapshot_marks held);
  // While it is loaded: may it not come back?
  [[nodiscard]] bool covers(const cache_key& key) const;

  void begin_write();
  // May it take the place of the one before? Not if something in it has been erased since the write began.
  [[nodiscard]] bool allows(const snapshot_marks& written) const;
  void end_write();
  // It has taken that place.
  void placed(snapshot_marks written);

  // Each returns whether the snapshot on disk holds it, or may: then that one is gone now.
  bool note(std::uint64_t mark);
  bool note_all();
  // It is gone, whatever is in it.
  void lose_snapshot() { present_ = false; }

  [[nodiscard]] bool has_snapshot() const { return present_; }

private:
  [[nodiscard]] bool has_noted(std::uint64_t mark) const { return noted_.contains(mark); }
  void forget_notes();

  bool loading_ = false;
  bool writing_ = false;
  bool present_ = false;
  bool all_ = false;                         // everything was erased since the load or write began
  std::unordered_set<std::uint64_t> noted_;  // what was erased since then
  snapshot_marks held_;                      // by the one on disk, once it is one of ours
};

}  // namespace gateway
