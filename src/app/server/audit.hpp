// Changes by an operator, and attempts at one, entered into the logbook: what, by whom, from where. The audit trail is made of these
// entries (core/telemetry/audit_trail).
// Thread rule: any thread.
#pragma once

#include <chrono>
#include <string>

#include "app/admin/admin_backend.hpp"
#include "core/auth/authorizer.hpp"

namespace gateway {

// A purge of a call is one of "one call": no line names it.
void enter_purge(const purge_scope& what, purge_depth how, std::size_t taken, const operator_trace& asker, const access_rules& rules,
                 const short_hash_key& key);
// No line has the number, nor its hash.
void enter_erasure(std::uint64_t erasure, std::uint64_t taken, const operator_trace& asker);
// `upstream`: "" if there is only one.
void enter_lever(const lever_order& what, const lever_outcome& done, const std::string& upstream, const operator_trace& asker);
void enter_reload(const std::vector<std::string>& changed, const operator_trace& asker);
void enter_refused_reload(const std::string& cause, const operator_trace& asker);
void enter_refusal(const refused_change& what, const operator_trace& asker);
void enter_alert_test(std::chrono::nanoseconds lasts, const operator_trace& asker);

}  // namespace gateway
