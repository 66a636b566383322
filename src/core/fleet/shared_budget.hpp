// One budget for an account in a fleet: how a gateway's report (core/limit/budget_share) travels to the engine, and what its reply means.
// Nothing that the engine says is trusted: a reply of another form is none, and the limiter bounds the slots in it.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/fleet/engine_keys.hpp"
#include "core/fleet/engine_reply.hpp"
#include "core/fleet/engine_script.hpp"
#include "core/limit/budget_share.hpp"

namespace gateway {

struct budget_place {
  engine_keys keys;
  std::string account;  // its name in the engine
  std::string replica;  // this gateway's
};

const engine_script& budget_script();
script_call budget_call(const budget_place& where, const budget_report& report);

struct budget_answer {
  budget_word word;
  std::uint64_t members = 1;  // gateways of the fleet that are alive
};
// nullopt: it has another form.
std::optional<budget_answer> read_budget_answer(const engine_reply& reply);

// A gateway says that it is alive. The reply: how many are.
const engine_script& presence_script();
script_call presence_call(const budget_place& where);
std::optional<std::uint64_t> read_presence(const engine_reply& reply);

// The message that the slots of a gateway, or of all (*), have changed: `slots REPLICA ACCOUNT`. The account, if this replica is meant.
std::optional<std::string_view> changed_account(std::string_view message, std::string_view replica);

}  // namespace gateway
