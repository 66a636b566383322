// What a look into the cache means for one request: answered from it, or why not. The one decision that both who answers and explain ask.
// Time rule: `now` is an argument. Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "core/cache/freshness.hpp"
#include "core/cache/store.hpp"
#include "core/request/request_cache_control.hpp"

namespace gateway {

enum class lookup : std::uint8_t {
  // Answered from the cache.
  hit,
  hit_checked,  // the client wants a newer one, but the upstream was asked a moment ago
  hit_failed,   // … but the upstream failed a moment ago
  stale,        // and one refresh runs behind it
  // The upstream is asked, and the reader waits.
  nothing,      // nothing is kept
  unsuited,     // what is kept does not answer for this ProcessingState
  asked_newer,  // the client wants what the upstream says now
  overdue,      // it was stale for so long that nobody gets it unless the upstream fails
  ask_first,    // the upstream wants to be asked before it is used again (no-cache, if that counts)
  purged,       // an operator, a change of the call or a newer answer that is not kept wants the upstream asked first
  bypass,       // a partial is asked for upstream each time
};
inline constexpr std::size_t lookup_count = 11;
std::string_view name_of(lookup outcome);
std::string_view prose_of(lookup outcome);

constexpr bool is_answer(lookup outcome) { return outcome <= lookup::stale; }

struct decision {
  lookup is = lookup::nothing;
  judgement judged;      // of what is kept, if anything is
  bool failing = false;  // the last look upstream for it failed, and not long ago
};

decision decide(const lru_store::found& found, processing_state wanted, const request_cache_control& cache_control, const instant& now,
                const freshness_policy& policy);

// Whether a complete summary that is kept may stand in when the upstream fails a reader who insisted on it (RFC 5861 §4).
constexpr bool may_serve_stale(lookup outcome) { return outcome >= lookup::asked_newer && outcome <= lookup::purged; }

// The setting that made it so, "" where none does.
std::string_view setting_of(lookup outcome, answer_kind kept);

}  // namespace gateway
