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
inline std::uint64_t mark_of(const call_sid& call, const short_hash_key& key) { return cache_key::call_bits(call, key); }
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
  // `held`: by what was read. Only now it is known whether something that was erased meanwhile is in it.
  enum class load_end : std::uint8_t {
    whole,
    broken_off,  // there is more that nobody has seen
    unusable,    // there is none, or none that may stay
  };
  void end_load(load_end how, snapshot_marks held);
  // While it is loaded: may it not come back?
  [[nodiscard]] bool covers(const cache_key& key) const;

  void begin_write();
  // May it take the place of the one before? Not if something in it has been erased since the write began.
  [[nodiscard]] bool allows(const snapshot_marks& written) const;
  // It has taken that place. False: something in it has been erased at that very moment, and it must go.
  bool placed(snapshot_marks written);
  void end_write();

  // An entry, all of an owner, or all of a call.
  void note(std::uint64_t mark);
  void note_all();
  // An operator's word: whatever is in it, it must go.
  void lose_snapshot();
  // Nothing is erased, but what is on disk of it is old. True: a new one should be written.
  bool outdate(std::uint64_t mark);

  // The one on disk may not stay there; removed(): it does not.
  [[nodiscard]] bool must_go() const { return must_go_; }
  void removed() { must_go_ = false; }
  [[nodiscard]] bool has_snapshot() const { return present_; }
  [[nodiscard]] bool is_outdated() const { return outdated_; }

private:
  [[nodiscard]] bool has_noted(std::uint64_t mark) const { return noted_.contains(mark); }
  void forget_notes();

  bool loading_ = false;
  bool writing_ = false;
  bool present_ = false;                     // on disk, and may stay
  bool must_go_ = false;                     // on disk, perhaps
  bool outdated_ = false;                    // something on disk is older than what is known
  bool outdated_meanwhile_ = false;          // … than the one that is being written
  bool all_ = false;                         // everything was erased since the load or write began
  std::unordered_set<std::uint64_t> noted_;  // what was erased since then
  snapshot_marks held_;                      // by the one on disk, once it is one of ours
};

}  // namespace gateway
