// What the engine does with the marks and the members of a fleet, as scripts: the calls, and their replies as values.
// Thread rule: pure functions, immutable values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/fleet/engine_keys.hpp"
#include "core/fleet/engine_reply.hpp"
#include "core/fleet/engine_script.hpp"
#include "core/fleet/mark_table.hpp"

namespace gateway {

// --- members: a beat says that the replica lives, and brings what tells whether there is something to read.
struct beat_answer {
  std::string incarnation;  // "": the engine has none; it was flushed, or is new
  std::uint64_t version = 0;
  std::vector<std::string> members;  // the living replicas
};
inline constexpr std::size_t most_members = 1000;
script_call beat_call(const engine_keys& keys, std::string_view replica, std::chrono::milliseconds lease);
std::optional<beat_answer> read_beat(const engine_reply& from);

// --- marks
// One mark for the engine. `version`: 0 if it is new, else the version that it had there.
struct told_mark {
  std::string name;
  std::uint64_t version = 0;
  std::string sealed;
  bool lifts_floor = false;  // when it is dropped
  bool ends_leases = false;  // nothing is stored any more that was claimed before it
  bool needs_sweep = false;  // the engine may have values that it erases, under names that do not tell
  std::string call;          // the key of the call that it is about, which the engine drops; ""
};
struct mark_state {
  std::string incarnation;
  std::uint64_t version = 0;
  mark_floors floors;
};
struct told_answer {
  mark_state now;
  std::vector<std::uint64_t> versions;  // of the new marks, in their order
};
// Writes marks. If the engine has lost any that it once had, it gets another incarnation, and nothing that was claimed before is believed.
// `other_incarnation`: random, for that case. `known`: the highest version that this replica has seen.
script_call tell_call(const engine_keys& keys, std::string_view other_incarnation, std::uint64_t known, std::span<const told_mark> marks,
                      std::size_t most = mark_table::usual_most);
std::optional<told_answer> read_told(const engine_reply& from);

struct read_answer {
  mark_state now;
  std::vector<written_mark> marks;  // the lowest versions first
};
inline constexpr std::size_t marks_per_page = 256;
// Reads the marks above a version, one page of them.
script_call read_call(const engine_keys& keys, std::uint64_t above);
std::optional<read_answer> read_marks(const engine_reply& from);

// --- messages to the other replicas, without a mark
script_call publish_call(const engine_keys& keys, std::span<const std::string> messages);

// --- erasing what the engine has of all calls, a part of it a time
script_call sweep_call(const engine_keys& keys, std::string_view cursor);
// Where the next part begins; "0": that was the last one.
std::optional<std::string> read_sweep(const engine_reply& from);

}  // namespace gateway
