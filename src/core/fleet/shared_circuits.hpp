// The circuits of a fleet: how a gateway's reports (core/limit/circuit_share) travel to the engine, and what its reply means.
// Nothing that the engine says is trusted: a reply of another form is none, and the circuit bounds the times in it.
// Thread rule: pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fleet/engine_keys.hpp"
#include "core/fleet/engine_reply.hpp"
#include "core/fleet/engine_script.hpp"
#include "core/limit/circuit_share.hpp"

namespace gateway {

struct circuit_place {
  engine_keys keys;
  std::string replica;  // this gateway's
  std::string host;     // the name of the upstream's host in the engine
};

const engine_script& circuit_script();
// `name_of`: the name of an account in the engine.
script_call circuit_call(const circuit_place& where, const std::vector<named_report>& reports,
                         const std::function<std::string(std::uint64_t)>& name_of);
// `account_of`: nothing for an account that this gateway does not know; words about such are left out. nullopt: it has another form.
std::optional<std::vector<named_word>> read_circuits(const circuit_place& where, const engine_reply& reply,
                                                     const std::function<std::optional<std::uint64_t>(std::string_view)>& account_of);

// Whether the message `circuits REPLICA` says that another gateway changed one.
bool has_changed_circuits(std::string_view message, std::string_view replica);

}  // namespace gateway
