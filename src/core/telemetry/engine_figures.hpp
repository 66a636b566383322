// The state of the link to the engine, for operators.
// Thread rule: a value.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/fleet/engine_trouble.hpp"
#include "core/telemetry/counters.hpp"

namespace gateway {

enum class link_state : std::uint8_t {
  away,       // not connected
  connected,  // commands are sent
  slow,       // connected, but the engine does not answer in time: nothing is sent
};

constexpr std::string_view name_of(link_state is) {
  return is == link_state::away ? "away" : is == link_state::connected ? "connected" : "slow";
}

struct engine_figures {
  link_state state = link_state::away;
  std::string address;
  std::string why_not;  // "": connected, and it refused no command just now
  std::array<std::uint64_t, engine_trouble_count> commands{};
  histogram_of<std::uint64_t> answered;  // how long the commands with a reply took
};

// The same as a JSON object.
std::string engine_json(const engine_figures& now);

}  // namespace gateway
