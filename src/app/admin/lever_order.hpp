// What an operator asks to hold by hand, or no longer: the parameters of POST /api/pause, resume, limit and circuit. A query with an
// unknown, repeated or unreadable parameter is refused as a whole.
// Thread rule: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/limit/levers.hpp"

namespace gateway {

enum class lever_command : std::uint8_t { pause, resume, limit, circuit };

struct lever_order {
  lever::kind what = lever::kind::pause;
  bool sets = true;                  // false: it is lifted; a circuit is also closed
  std::string account;               // as the operator calls it; "" for a pause
  std::string upstream;              // "": all of them
  std::uint64_t limit = 0;           // of a limit that is set
  std::chrono::nanoseconds lasts{};  // if it is set
};

// nullopt: `why_not` says what would be right.
std::optional<lever_order> read_lever(lever_command wanted, std::string_view query, std::string& why_not);

}  // namespace gateway
