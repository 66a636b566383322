// What every exchange with the upstream has in common: on whose behalf it is made, and where its result is reported.
// Thread rule: any thread; counters are those of the worker that is passed.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "core/upstream/credential_evidence.hpp"
#include "core/upstream/verdict.hpp"
#include "io/net/exchange.hpp"
#include "io/upstream/fetch_result.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

// On whose behalf the upstream is asked: with which credential, under which name, in which trace.
struct principal {
  // Of an admitted request, whose trace is continued.
  explicit principal(exchange& one);

  secret authorization;
  client_name name;
  std::string trace;  // fields of what is sent
};

// For a request that got no permit.
fetch_result shed_result(const upstream_permits::admitted& denied, const settings& config);

// Ends the permit of an exchange with its result, and counts that.
void report_failure(worker& at, upstream_permits::permit& permit, fault failed, bool connected);
// `evidence`: what the answer says of the credential; it has been learnt already. `reported_load`: takes the Twilio-Concurrent-Requests of
// the answer.
void report_answer(worker& at, std::atomic<std::uint64_t>& reported_load, upstream_permits::permit& permit, const verdict& meaning,
                   credential_evidence evidence, const upstream_answer& answer);

// For an exchange without a usable answer. `answer`: what came of it, perhaps no more than its head.
fetch_result failed_result(fault why, const upstream_answer& answer);
// For an answer that is of no use; a status that Twilio does not use is logged.
fetch_result broken_result(const verdict& meaning, const upstream_answer& answer, const settings& config);

// Bounds the Retry-After that clients are told.
void clamp_retry_after(upstream_answer& answer, const instant& now, const settings& config);

}  // namespace gateway
