// The decision about one request after the lookup in the cache: serve the stored answer, or why not. Requests and explain share it.
// Time rule: `now` is an argument. Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/cache/freshness.hpp"
#include "core/cache/store.hpp"
#include "core/request/request_cache_control.hpp"

namespace gateway {

enum class lookup : std::uint8_t {
  // Served from the cache.
  hit,
  hit_checked,  // the client wants a newer answer, but the upstream confirmed this one a moment ago
  hit_failed,   // the client wants a newer answer, but the upstream failed a moment ago
  stale,        // served stale while one refresh runs
  // The client waits for a fetch.
  nothing,      // nothing is stored
  unsuited,     // the stored answer does not fit this ProcessingState
  asked_newer,  // the client demands a newer answer
  overdue,      // it has been stale for too long: served only if the upstream fails
  ask_first,    // the upstream demands a revalidation before each use (no-cache, if the operator enables it)
  purged,       // a purge, a change of the call or a newer answer that is not stored invalidated it
  bypass,       // a partial is fetched each time
};
inline constexpr std::size_t lookup_count = 11;
std::string_view name_of(lookup outcome);
std::string_view prose_of(lookup outcome);

constexpr bool is_answer(lookup outcome) { return outcome <= lookup::stale; }

struct decision {
  lookup is = lookup::nothing;
  judgement judged;      // of the stored answer, if there is one
  bool failing = false;  // its last revalidation failed, and not long ago
};

decision decide(const lru_store::found& found, processing_state wanted, const request_cache_control& cache_control, const instant& now,
                const freshness_policy& policy);

// Whether a stored complete summary may be served stale if the fetch fails (stale-if-error, RFC 5861 §4).
constexpr bool may_serve_stale(lookup outcome) { return outcome >= lookup::asked_newer && outcome <= lookup::purged; }

// The setting behind the decision, "" if there is none.
std::string_view setting_of(lookup outcome, answer_kind stored);

}  // namespace gateway
