// What a client of the settings may use of the upstream, and what it uses at this moment, for operators.
// Thread rule: a value.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/auth/client_share.hpp"
#include "core/base/json_writer.hpp"
#include "core/limit/quota_rule.hpp"

namespace gateway {

struct client_standing {
  client_share share{};
  std::uint64_t in_flight = 0;  // exchanges with the upstream
  std::optional<quota_figures> quota{};
};
using client_standings = std::map<std::string, client_standing, std::less<>>;  // by the client's name

inline void append_standing(json_object& to, const client_standing& one) {
  to.text("class", name_of(one.share.group));
  to.number("weight", one.share.weight);
  to.number("in_flight", one.in_flight);
  to.number("max_in_flight", one.share.max_in_flight);
}

}  // namespace gateway
