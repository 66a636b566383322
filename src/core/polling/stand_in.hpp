// The answer to a client that asked for a complete summary, when the look asked for a partial and got one.
// Thread rule: pure functions over values.
#pragma once

#include <chrono>

#include "core/polling/call_life.hpp"
#include "core/upstream/answer.hpp"

namespace gateway {

// The partial becomes the "not ready" that the upstream said before. Fields that describe its content go; those about this exchange stay.
void stand_in_for_partial(upstream_answer& partial, const not_ready_answer& said);

// States when the next look is: for the other replicas of a fleet, which take the answer from this one.
void state_next_look(upstream_answer& answer, std::chrono::seconds in);

}  // namespace gateway
