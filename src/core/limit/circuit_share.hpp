// What the gateways of a fleet tell each other about a circuit through the engine: that it was opened or closed, for how long it stays
// open, and which of them may send the probe. Each opening has a number, so that old news changes nothing. Thread rule: values.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

#include "core/request/route.hpp"

namespace gateway {

struct circuit_name {
  enum class sort : std::uint8_t { host, cool_down, pause, breaker };
  sort is = sort::host;
  std::uint64_t account = 0;       // not for the host
  resource what = resource::none;  // of a pause and a breaker
  auto operator<=>(const circuit_name&) const = default;
};

struct circuit_report {
  // Prolonged: it was open already, and the upstream asks for a longer pause.
  enum class event : std::uint8_t { unchanged, opened, prolonged, closed };
  event what = event::unchanged;
  std::uint64_t known = 0;  // the number of the opening that the gateway knows; 0: none
  std::chrono::milliseconds open_for{0};
  unsigned streak = 0;       // failures in a row
  bool wants_probe = false;  // it has a request for it, or has sent it
};

struct circuit_word {
  enum class prober : std::uint8_t { none, self, another };
  std::uint64_t number = 0;
  bool open = false;
  std::chrono::milliseconds open_for{0};  // 0: half-open
  unsigned streak = 0;
  prober probe = prober::none;
};

struct named_report {
  circuit_name whose;
  circuit_report report;
};
struct named_word {
  circuit_name whose;
  circuit_word word;
};

}  // namespace gateway
