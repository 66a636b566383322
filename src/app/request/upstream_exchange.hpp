// What every exchange with the upstream has in common: on whose behalf it is made, and where its result is reported.
// Thread rule: any thread; counters are those of the worker that is passed.
#pragma once

#include <optional>
#include <string>

#include "app/state/shared_state.hpp"
#include "core/upstream/verdict.hpp"
#include "io/net/exchange.hpp"
#include "io/upstream/fetch_result.hpp"

namespace gateway {

// On whose behalf the upstream is asked: with which credential, under which name, after which proxies, in which trace.
struct principal {
  // Of an admitted request, whose Via and trace are continued. A refresh continues them, too: else two gateways that are each other's
  // upstream would refresh the same stale answer for ever. `own`: the name of this process in Via.
  principal(exchange& one, std::string_view own);

  secret authorization;
  client_name name;
  bool came_by_proxies = false;  // others than this one
  std::string fields;            // Via and the trace, as they are sent
};

// For a request that got no permit.
fetch_result shed_result(const upstream_permits::admitted& denied, const settings& config);

// Ends the permit of an exchange with its result, and counts that.
void report_failure(worker& at, upstream_permits::permit& permit, fault failed, bool connected);
// `evidence`: what the answer says of the credential; it has been learnt already.
void report_answer(worker& at, shared_state& shared, upstream_permits::permit& permit, const verdict& meaning, credential_evidence evidence,
                   const upstream_answer& answer);

// Mode inject: whether the credential of the account may be used now. If not, this is the result.
std::optional<fetch_result> may_use_credential(shared_state& shared, const partition& owner, resource what, mono_time now);
// Mode inject: learns from an answer whether the upstream refuses the gateway's credential. The result, if it does: the client, whose own
// proof was good, must not take that refusal for one of its own.
std::optional<fetch_result> learn_of_credential(worker& at, shared_state& shared, const partition& owner, resource what,
                                                const upstream_answer& answer, const verdict& meaning, credential_evidence evidence,
                                                mono_time asked_at);

// For a fault that stands for an answer of the upstream: its status and code, where they tell more than the fault does.
void note_status(fetch_result& failed, const upstream_answer& answer, const verdict& meaning);

// Bounds the Retry-After that clients are told.
void clamp_retry_after(upstream_answer& answer, const instant& now, const settings& config);

}  // namespace gateway
