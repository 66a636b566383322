// What the metrics and the admin listener tell of the marks and the members of a fleet.
// Thread rule: values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json_writer.hpp"
#include "core/fleet/fleet_mark.hpp"

namespace gateway {

enum class mark_subject : std::uint8_t { call, account, all, credential, change, number };
inline constexpr std::size_t mark_subject_count = 6;
std::string_view name_of(mark_subject what);
mark_subject subject_of(mark_kind kind);

struct mark_figures {
  bool is_shared = false;                                   // this gateway shares marks
  std::array<std::uint64_t, mark_subject_count> applied{};  // of other gateways
  std::uint64_t unreadable = 0;                             // sealed with another key, or changed
  std::uint64_t pending = 0;                                // that the engine has not confirmed
  std::uint64_t version = 0;
  double lag_seconds = 0;  // since every mark had been read
  bool is_current = false;
  std::string replica;
  std::vector<std::string> members;  // the living replicas at the last beat
};

// For /api/fleet: adds its members and the state of the marks. `text`: where the object is written.
void add_fleet_members(json_object& to, std::string& text, const mark_figures& now);

}  // namespace gateway
