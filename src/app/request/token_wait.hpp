// Mode inject with OAuth: a request waits for the account's token before it is sent.
// Thread rule: runs on the worker that is passed. Time rule: ends by the deadline.
#pragma once

#include <optional>

#include "app/state/upstream_tokens.hpp"
#include "io/runtime/worker.hpp"
#include "io/upstream/fetch_result.hpp"

namespace gateway {

// Waits for a refresh that is under way. Nothing: there is a token. Else the result of a request that cannot be sent, with a Retry-After of
// `longest_pause` at most.
task<std::optional<fetch_result>> wait_for_token(worker& at, upstream_tokens& tokens, partition owner, mono_time until,
                                                 std::chrono::nanoseconds longest_pause);

}  // namespace gateway
