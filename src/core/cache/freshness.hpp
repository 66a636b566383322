// The caching policy: which answers are stored, how long they are fresh, and when they must be gone. Twilio sends no Cache-Control, no ETag
// and no revision, so settings say how long each kind of answer is fresh.
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

// Twilio deletes a record, with its phone numbers, 30 days after the call's end, and so does this gateway.
inline constexpr std::chrono::hours record_lifetime{30 * 24};

// The upstream's directives about storing and freshness that the operator can enable (core/cache/upstream_cache_control). Each credential
// has entries of its own, so `private` forbids nothing by default; if the operator enables it, such an answer is not stored.
enum class upstream_directive : std::uint8_t { no_store, private_, no_cache, max_age, s_maxage, expires };
inline constexpr std::array<std::string_view, 6> upstream_directive_names{"no-store", "private",  "no-cache",
                                                                          "max-age",  "s-maxage", "Expires"};

struct freshness_policy {
  std::chrono::nanoseconds fresh_for = std::chrono::hours{1};                 // complete summaries
  std::chrono::nanoseconds stale_for = std::chrono::hours{24};                // complete summaries, served stale during a refresh
  std::chrono::nanoseconds not_ready_for = std::chrono::seconds{5};           // 17001, or longer: until the next look
  std::chrono::nanoseconds absent_for = std::chrono::seconds{5};              // 20404
  std::chrono::nanoseconds permanent_for = std::chrono::hours{1};             // 17002, 17007
  std::chrono::nanoseconds revalidate_after = std::chrono::seconds{1};        // between two revalidations of one entry that clients force
  bool complete_answers[processing_state_count] = {true, true, false, true};  // by processing_state: cache.serve_complete_for
  std::chrono::nanoseconds refresh_backoff = std::chrono::seconds{5};         // between two refreshes of one stale summary
  std::array<bool, upstream_directive_names.size()> honoured = {true};        // by upstream_directive: cache.honour_upstream

  // How long after a failure clients are served stale without waiting: until the next refresh has had time to fail, too.
  [[nodiscard]] std::chrono::nanoseconds failure_counts_for() const { return refresh_backoff + std::chrono::seconds{30}; }
};

// When an answer must be gone, and from when its age counts. How long it is fresh is decided by the current settings; only the
// upstream's own bound is stored (`entry::fresh_at_most`). The end of a remembered refusal is fixed when it is stored, so a reload can
// shorten its time, never lengthen it.
struct lifetime {
  mono_time stored_at;
  mono_time gone_at;
  wall_time gone_by;
};

struct upstream_bounds;

// The lifetime of an answer that arrives now; nullopt if the record's 30 days are over. Complete summaries outlive their freshness, so
// that they can be served stale; other answers do not.
std::optional<lifetime> lifetime_of(answer_kind kind, std::optional<wall_time> end_time, const instant& now, const freshness_policy& policy,
                                    const upstream_bounds& heard);
std::optional<lifetime> lifetime_of(answer_kind kind, std::optional<wall_time> end_time, const instant& now,
                                    const freshness_policy& policy);

// The same for a complete summary that is read from a snapshot, which states these moments. Nullopt if the time is over, or if lifetime_of
// could not have produced it.
struct resumed_life : lifetime {
  mono_time asked_at;
};
std::optional<resumed_life> resumed_life_of(wall_time asked, wall_time stored, wall_time gone_by, const instant& now);

enum class freshness : std::uint8_t { fresh, stale, gone };
std::string_view name_of(freshness state);

struct judgement {
  freshness is = freshness::gone;
  std::chrono::seconds ttl{0};  // remaining, negative when stale: the `ttl` of Cache-Status
  std::chrono::seconds age{0};
};

// By the current settings, not by those at the time of storing; never longer than `gone_at`. A "not ready" is fresh until `gone_at`.
mono_time fresh_until(const entry& stored, const freshness_policy& policy);
judgement judge(const entry& stored, const instant& now, const freshness_policy& policy);

// The Retry-After of a stored answer: the time until a "not ready" is no longer served from the cache. 0 for every other kind, because
// nothing is known about them.
std::chrono::seconds retry_after_of(const entry& made, mono_time now);

// Whether a stored answer of this kind answers such a request. If so, a new answer to that request also concerns the stored one.
bool is_answer_to(answer_kind kind, processing_state wanted);
// The same, as far as the operator allows to serve it.
bool answers(answer_kind kind, processing_state wanted, const freshness_policy& policy);

// Whether `arriving` may replace a usable `stored` answer. Concurrent fetches end in any order, and a lesser answer must not replace a
// complete summary.
bool may_replace(answer_kind stored, answer_kind arriving);

}  // namespace gateway
