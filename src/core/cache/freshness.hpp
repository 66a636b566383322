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

// What the upstream may say about storing and freshness that an operator can make count (core/cache/upstream_cache_control). The memory is
// apart for each credential, so private forbids us nothing unless he says so; then it is not kept at all.
enum class upstream_directive : std::uint8_t { no_store, private_, no_cache, max_age, s_maxage, expires };
inline constexpr std::array<std::string_view, 6> upstream_directive_names{"no-store", "private",  "no-cache",
                                                                          "max-age",  "s-maxage", "Expires"};

struct freshness_policy {
  std::chrono::nanoseconds fresh_for = std::chrono::hours{1};                 // complete summaries
  std::chrono::nanoseconds stale_for = std::chrono::hours{24};                // complete summaries, while a refresh runs behind them
  std::chrono::nanoseconds not_ready_for = std::chrono::seconds{5};           // 17001
  std::chrono::nanoseconds absent_for = std::chrono::seconds{5};              // 20404
  std::chrono::nanoseconds permanent_for = std::chrono::hours{1};             // 17002, 17007
  std::chrono::nanoseconds revalidate_after = std::chrono::seconds{1};        // between two that clients force on one entry
  bool complete_answers[processing_state_count] = {true, true, false, true};  // by processing_state: cache.serve_complete_for
  std::chrono::nanoseconds refresh_backoff = std::chrono::seconds{5};         // between two refreshes of one stale summary
  std::array<bool, upstream_directive_names.size()> honoured = {true};        // by upstream_directive: cache.honour_upstream

  // How long a failure at the upstream spares readers the wait for it: until the next refresh has had its time to fail, too.
  [[nodiscard]] std::chrono::nanoseconds failure_counts_for() const { return refresh_backoff + std::chrono::seconds{30}; }
};

// When an answer must not be used any more, and from when on its age counts. For how long it is fresh is no part of it: that is judged by
// the settings of the moment.
struct lifetime {
  mono_time stored_at;
  mono_time gone_at;
  wall_time gone_by;
};

struct upstream_bounds;

// Of an answer that comes now; nullopt if the record's 30 days are already over. Complete summaries outlive their freshness, so that they
// can be served stale; the others do not.
std::optional<lifetime> lifetime_of(answer_kind kind, std::optional<wall_time> end_time, const instant& now, const freshness_policy& policy,
                                    const upstream_bounds& heard);
std::optional<lifetime> lifetime_of(answer_kind kind, std::optional<wall_time> end_time, const instant& now,
                                    const freshness_policy& policy);

// The same for a complete summary that is read from a file, where it says when it was asked for, from when on its age counts and until
// when it may be kept. Nullopt: that time is over, or lifetime_of could not have given it.
struct resumed_life : lifetime {
  mono_time asked_at;
};
std::optional<resumed_life> resumed_life_of(wall_time asked, wall_time stored, wall_time gone_by, const instant& now);

enum class freshness : std::uint8_t { fresh, stale, gone };
std::string_view name_of(freshness state);

struct judgement {
  freshness is = freshness::gone;
  std::chrono::seconds ttl{0};  // left, negative when stale: the `ttl` of Cache-Status
  std::chrono::seconds age{0};
};

// By the settings of now, whatever they were when it came.
mono_time fresh_until(const entry& kept, const freshness_policy& policy);
judgement judge(const entry& kept, const instant& now, const freshness_policy& policy);

// When it makes sense to ask again, as Retry-After says it: the moment at which a "not ready" stops being answered from memory.
// 0 for every other kind: nothing is known about them.
std::chrono::seconds retry_after_of(const entry& made, mono_time now);

// Is what is kept an answer to that question? Then what the upstream says to it now is news about what is kept.
bool is_answer_to(answer_kind kind, processing_state wanted);
// The same, as far as the operator lets it be given.
bool answers(answer_kind kind, processing_state wanted, const freshness_policy& policy);

// May `arriving` take the place of a `kept` that is still good? Answers of racing fetches come in any order; a lesser one must not
// replace a complete summary.
bool may_replace(answer_kind kept, answer_kind arriving);

}  // namespace gateway
