// What an exchange tells the shield about the upstream, whatever it told about a call.
// Thread rule: pure functions. Time rule: `now` is an argument.
#pragma once

#include <optional>

#include "core/limit/permit_request.hpp"
#include "core/upstream/credential_evidence.hpp"

namespace gateway {

// No answer that could be used came. `connected`: over a connection that stood.
exchange_feedback feedback_of(fault failed, bool connected = true);
// There was one, which says `about` the credential that asked. `longest`: no Retry-After counts for more.
exchange_feedback feedback_of(const upstream_answer& answer, const verdict& meaning, credential_evidence about, wall_time now,
                              std::chrono::seconds longest);

// How a request is answered that was not sent.
fault fault_of(shed_reason why);

}  // namespace gateway
