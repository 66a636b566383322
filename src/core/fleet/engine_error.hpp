// Error replies of the engine: what they mean for the link, and what an operator would do about them.
// Thread rule: pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/fleet/engine_address.hpp"

namespace gateway {

enum class engine_error : std::uint8_t {
  other,
  no_login,
  wrong_login,
  not_allowed,
  replica,
  loading,
  full,
  disk,
  busy,
  moved,
  moving,
  cluster_down,
};
inline constexpr std::size_t engine_error_count = 12;

// By the code that the reply begins with.
engine_error error_of(std::string_view reply);
// What would be right, as a part of a sentence; "" for other errors.
std::string_view advice_for(engine_error what);
// The reply for the log, and the advice. The engine's words are cut and escaped: they may be anything.
std::string explained(std::string_view reply);
// Whether another server has to be asked: the link connects anew.
constexpr bool is_elsewhere(engine_error what) { return what == engine_error::replica || what == engine_error::moved; }

// "MOVED 3999 10.0.0.7:6381": the node of a cluster that has the fleet's keys. `from`: the node that said so.
std::optional<engine_address> moved_to(std::string_view reply, const engine_address& from);
// "ASK 3999 10.0.0.7:6381": the node to which the cluster is moving the keys has those of this command; it answers behind ASKING.
std::optional<engine_address> asked_at(std::string_view reply, const engine_address& from);

}  // namespace gateway
