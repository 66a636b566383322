#include "core/cache/freshness.hpp"

#include <algorithm>

namespace gateway {
namespace {

std::chrono::nanoseconds fresh_span(answer_kind kind, const freshness_policy& policy) {
  switch (kind) {
    case answer_kind::complete:
      return policy.fresh_for;
    case answer_kind::not_ready:
      return policy.not_ready_for;
    case answer_kind::absent:
      return policy.absent_for;
    case answer_kind::permanent:
      return policy.permanent_for;
  }
  return {};
}

}  // namespace

std::optional<lifetime> lifetime_of(answer_kind kind, std::optional<wall_time> end_time, const instant& now,
                                    const freshness_policy& policy) {
  auto const fresh_until = now.mono + fresh_span(kind, policy);
  if (kind != answer_kind::complete) return lifetime{fresh_until, fresh_until};
  // Without an end_time the call ended now at the latest. One in the future is a clock's error, not a longer right to keep it.
  auto const ended = std::min(end_time.value_or(now.wall), now.wall);
  if (ended <= now.wall - record_lifetime) return std::nullopt;  // first: the difference to a hostile date could overflow
  auto const left = ended + record_lifetime - now.wall;
  auto const gone_at = now.mono + std::chrono::duration_cast<mono_time::duration>(left);
  return lifetime{std::min(fresh_until, gone_at), gone_at};
}

judgement judge(const entry& kept, mono_time now) {
  auto const age = whole_seconds(now - kept.stored_at);
  auto const ttl = std::chrono::floor<std::chrono::seconds>(kept.fresh_until - now);
  if (now >= kept.gone_at) return {freshness::gone, ttl, age};
  return {now < kept.fresh_until ? freshness::fresh : freshness::stale, ttl, age};
}

bool answers(answer_kind kind, processing_state wanted, const freshness_policy& policy) {
  switch (kind) {
    case answer_kind::complete:
      return policy.complete_answers[static_cast<std::size_t>(wanted)];
    case answer_kind::not_ready:
      // "Not complete yet" is no answer for somebody who would take a partial.
      return wanted == processing_state::absent || wanted == processing_state::complete;
    case answer_kind::absent:
    case answer_kind::permanent:
      return wanted != processing_state::partial;
  }
  return false;
}

}  // namespace gateway
