// What every exchange with the upstream has in common: on whose behalf it is made, and where its result is reported.
// Thread rule: any thread; counters are those of the worker that is passed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/state/authorized_cache.hpp"
#include "app/state/first_seen.hpp"
#include "app/state/refused_accounts.hpp"
#include "app/state/told_by_upstream.hpp"
#include "app/state/upstream_tokens.hpp"
#include "core/upstream/credential_evidence.hpp"
#include "core/upstream/verdict.hpp"
#include "io/files/access_files.hpp"
#include "io/net/exchange.hpp"
#include "io/upstream/fetch_result.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

// On whose behalf the upstream is asked: with which credential, under which name, after which proxies, in which trace.
struct principal {
  // Of an admitted request, whose Via and trace are continued. A refresh continues them, too: else two gateways that are each other's
  // upstream would refresh the same stale answer for ever. `own`: the name of this process in Via.
  principal(exchange& one, std::string_view own);
  // Of no request: the gateway asks by itself, with the credential of an account.
  principal(worker& at, const identity& whose, std::string_view own);

  secret authorization;  // empty: an OAuth token, which each exchange takes when it is sent
  client_name name;
  std::string payer{};              // the client whose quota each exchange counts against; "": none
  bool came_by_proxies = false;     // others than this one
  std::string fields;               // Via and the trace, as they are sent
  std::optional<digest> subject{};  // for authorized_cache
};

// For a request that got no permit.
fetch_result shed_result(const upstream_permits::admitted& denied, const upstream_settings& from);

// Ends the permit of an exchange with its result, and counts that.
void report_failure(worker& at, upstream_permits::permit& permit, fault failed, bool connected);
// An answer, and what it was found to mean.
struct judged_answer {
  const verdict& meaning;
  credential_evidence evidence = credential_evidence::unchanged;  // what the answer says of the credential; it has been learnt already
  const upstream_answer& answer;
  mono_time asked_at;
};
// `from`: the upstream.
void report_answer(worker& at, const upstream_settings& from, told_by_upstream& told, upstream_permits::permit& permit,
                   const judged_answer& came);

// For an exchange without a usable answer. `answer`: what came of it, perhaps no more than its head.
fetch_result failed_result(fault why, const upstream_answer& answer);
// For an answer that is of no use; a status that Twilio does not use is logged.
fetch_result broken_result(const verdict& meaning, const upstream_answer& answer, const upstream_settings& from);

// What tells of the gateway's own credentials.
struct credential_parts {
  refused_accounts& refused;
  const published_rules& access;
  authorized_cache& visible;
  upstream_tokens& tokens;
};

// Mode inject: notes that the credential of an account is refused, and what is stored for it is hidden or erased. The new state, if it is
// another one now.
std::optional<credential_circuit::state> note_account_refusal(const credential_parts& parts, const partition& owner, refusal_scope scope,
                                                              resource what, mono_time asked_at, mono_time now);

// Mode inject: whether the credential of the account may be used now. If not, this is the result.
std::optional<fetch_result> may_use_credential(const credential_parts& parts, const partition& owner, resource what, mono_time now);
// Mode inject: learns from an answer whether the upstream refuses the gateway's credential. The result, if it does: the client, whose own
// proof was good, must not take that refusal for one of its own. If no more than an OAuth token has ended, the result says so.
std::optional<fetch_result> learn_of_credential(worker& at, const credential_parts& parts, const partition& owner, resource what,
                                                const upstream_answer& answer, const verdict& meaning, credential_evidence evidence,
                                                mono_time asked_at);

// Counts the fields of an answer that clients might miss, and logs each name once.
void report_dropped_fields(worker& at, first_seen& names, const upstream_answer& answer);

// Bounds the Retry-After that clients are told.
void clamp_retry_after(upstream_answer& answer, const instant& now, const upstream_settings& from);

}  // namespace gateway
