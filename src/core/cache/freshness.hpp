// THE caching policy: what is kept, for how long it is good, and when it must be gone. Derived from the life of a summary:
// Twilio sends no Cache-Control, no ETag and no revision, so freshness is our own decision.
// Time rule: `now` is an argument. Thread rule: pure functions.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/time.hpp"
#include "core/cache/entry.hpp"
#include "core/request/summary_request.hpp"

namespace gateway {

// Twilio deletes a record, and the phone numbers in it, 30 days after the call's end; so do we.
inline constexpr std::chrono::hours record_lifetime{30 * 24};

// Response directives that may be heeded (RFC 9111 §5.2.2). The memory is apart for each credential, so private forbids us nothing
// unless an operator says so.
enum class upstream_directive : std::uint8_t { no_store, private_ };
inline constexpr std::array<std::string_view, 2> upstream_directive_names{"no-store", "private"};

struct freshness_policy {
  std::chrono::nanoseconds fresh_for = std::chrono::hours{1};                  // complete summaries
  std::chrono::nanoseconds stale_for = std::chrono::hours{24};                 // complete summaries, while a refresh runs behind them
  std::chrono::nanoseconds not_ready_for = std::chrono::seconds{5};            // 17001
  std::chrono::nanoseconds absent_for = std::chrono::seconds{5};               // 20404
  std::chrono::nanoseconds permanent_for = std::chrono::hours{1};              // 17002, 17007
  std::chrono::nanoseconds revalidate_after = std::chrono::seconds{1};         // between two that clients force on one entry
  bool complete_answers[processing_state_count] = {true, true, false, true};   // by processing_state: cache.serve_complete_for
  std::array<bool, upstream_directive_names.size()> honoured = {true, false};  // by upstream_directive: cache.honour_upstream
};

struct lifetime {
  mono_time fresh_until;
  mono_time gone_at;
  wall_time gone_by;
};

// How long an answer of this kind may be used; nullopt if the record's 30 days are already over.
// Complete summaries outlive their freshness, so that they can be served stale; the others do not.
std::optional<lifetime> lifetime_of(answer_kind kind, std::optional<wall_time> end_time, const instant& now,
                                    const freshness_policy& policy);

// The same for a complete summary that is read from a file, where it says when it was stored and until when it may be kept. Nullopt: that
// time is over, or lifetime_of could not have given it.
struct resumed_life {
  mono_time stored_at;
  lifetime left;
};
std::optional<resumed_life> resumed_life_of(wall_time stored, wall_time gone_by, const instant& now, const freshness_policy& policy);

// Does a Cache-Control of the upstream forbid to keep its answer?
bool forbids_storing(std::string_view cache_control, const freshness_policy& policy);

enum class freshness : std::uint8_t { fresh, stale, gone };
std::string_view name_of(freshness state);

struct judgement {
  freshness is = freshness::gone;
  std::chrono::seconds ttl{0};  // left, negative when stale: the `ttl` of Cache-Status
  std::chrono::seconds age{0};
};

judgement judge(const entry& kept, const instant& now);

// When it makes sense to ask again, as Retry-After says it: the moment at which a "not ready" stops being answered from memory.
// 0 for every other kind: nothing is known about them.
std::chrono::seconds retry_after_of(const entry& made, mono_time now);

// May what is kept answer a request for this state?
bool answers(answer_kind kind, processing_state wanted, const freshness_policy& policy);

// May `arriving` take the place of a `kept` that is still good? Answers of racing fetches come in any order; a lesser one must not
// replace a complete summary.
bool may_replace(answer_kind kept, answer_kind arriving);

}  // namespace gateway
