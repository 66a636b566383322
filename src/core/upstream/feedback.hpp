// The feedback of an exchange for the upstream limiter: the health of the upstream, and whether the credential is valid.
// Thread rule: pure functions. Time rule: `now` is an argument.
#pragma once

#include <optional>

#include "core/limit/permit_request.hpp"
#include "core/upstream/credential_evidence.hpp"

namespace gateway {

// For an exchange without a usable answer. `connected`: the connection was established.
exchange_feedback feedback_of(fault failed, bool connected = true);
// For an exchange with an answer; `about` is its evidence. `longest`: the upper bound for Retry-After.
exchange_feedback feedback_of(const upstream_answer& answer, const verdict& meaning, credential_evidence about, wall_time now,
                              std::chrono::seconds longest);

// The pause that a 429 or a 503 asks for; 0 for none. On other answers the field says nothing about the next request.
std::chrono::seconds pause_asked_for(const upstream_answer& answer, const verdict& meaning, wall_time now, std::chrono::seconds longest);

// The fault of a request that was shed.
fault fault_of(shed_reason why);

}  // namespace gateway
