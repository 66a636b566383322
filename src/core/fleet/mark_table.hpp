// The marks of a fleet that one replica knows: a bounded table, merged by the highest version. The engine's counter gives each mark its
// version, and no clock takes part. What the table drops for want of room raises a floor.
// Thread rule: none of its own; app/fleet/mark_exchange locks.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/fleet/fleet_mark.hpp"

namespace gateway {

// A mark as the engine has it.
struct written_mark {
  std::string name;  // its field there
  std::uint64_t version = 0;
  std::string sealed;
};

// The highest versions of marks that were dropped.
struct mark_floors {
  std::uint64_t believed = 0;  // what was claimed before it is not believed: an erasing or wide mark was dropped, or the engine lost writes
  std::uint64_t complete = 0;  // a replica that has not read up to here has missed a mark
  friend bool operator==(const mark_floors&, const mark_floors&) = default;
};

// Whether nothing that was claimed before this mark is believed once the mark is dropped. What a call's other marks are about went from the
// engine in the same step.
inline bool lifts_floor(const fleet_mark& what) { return what.erases() || !what.is_about_call(); }

class mark_table {
public:
  static constexpr std::size_t usual_most = 4096;

  explicit mark_table(std::size_t most = usual_most) : most_(most) {}

  // True: it is news, and has to be applied. The same sealed bytes under a higher version are the same mark, written once more.
  bool merge(const written_mark& one, const fleet_mark& what);
  void raise(const mark_floors& to);
  [[nodiscard]] const mark_floors& floors() const { return floors_; }

  // Marks of this replica that the engine may not have yet. Until it has them, they count as newer than everything there.
  void begin(const fleet_mark& one) {
    ++begun_[one.text()];
    if (one.kind == mark_kind::erased) ++begun_erased_;
  }
  void end(const fleet_mark& one);

  static constexpr std::uint64_t not_yet_written = std::numeric_limits<std::uint64_t>::max();
  // The version of the newest mark that concerns an entry, or the floor. An erased party may be in any entry: names do not tell.
  [[nodiscard]] std::uint64_t newest(const call_sid& call, const partition& owner, const std::optional<account_sid>& account) const;

  struct known {
    written_mark written;
    fleet_mark what;
  };
  // At most `most` marks above that version, the lowest first.
  [[nodiscard]] std::vector<known> above(std::uint64_t version, std::size_t most) const;
  [[nodiscard]] std::size_t size() const { return marks_.size(); }

private:
  void drop_lowest();

  std::size_t most_;
  std::unordered_map<std::string, known> marks_;  // by their plain form
  std::map<std::pair<std::uint64_t, std::string>, const known*> by_version_;
  std::unordered_map<std::string, std::size_t> begun_;
  std::size_t begun_erased_ = 0;  // marks of erased parties among them
  std::uint64_t erased_ = 0;      // the highest version of such a mark
  mark_floors floors_;
};

}  // namespace gateway
