// One quota for a client in a fleet: how a gateway's report (core/limit/client_quota) travels to the engine, and what its reply means.
// The engine keeps the calls that each gateway holds, used or not, and never gives out more than the quota. A report says what its gateway
// holds, so a lost reply or an engine that has lost everything is put right by the next one.
// Nothing that the engine says is trusted: a reply of another form is none, and client_quota bounds the numbers in it.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/fleet/engine_keys.hpp"
#include "core/fleet/engine_reply.hpp"
#include "core/fleet/engine_script.hpp"
#include "core/fleet/fleet_keys.hpp"
#include "core/limit/client_quota.hpp"

namespace gateway {

struct quota_place {
  engine_keys keys;
  std::string client;   // its name in the engine
  std::string replica;  // this gateway's
};

// Reveals neither the client's name nor its quota. Another length of the windows is another quota.
std::string quota_name(const fleet_keys& keys, std::string_view client, const quota_rule& rule);

const engine_script& quota_script();
// `order`: larger than that of each report before.
script_call quota_call(const quota_place& where, const quota_rule& rule, const quota_report& report, std::uint64_t order);
// nullopt: it has another form.
std::optional<quota_word> read_quota_word(const engine_reply& reply);

}  // namespace gateway
