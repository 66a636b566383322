#include "core/cache/freshness.hpp"

#include <algorithm>

#include "core/base/directives.hpp"
#include "core/base/text.hpp"

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

std::string_view name_of(answer_kind kind) {
  static constexpr std::array<std::string_view, answer_kind_count> names{"complete", "not_ready", "absent", "permanent"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(freshness state) {
  static constexpr std::array<std::string_view, 3> names{"fresh", "stale", "gone"};
  return names[static_cast<std::size_t>(state)];
}

std::optional<lifetime> lifetime_of(answer_kind kind, std::optional<wall_time> end_time, const instant& now,
                                    const freshness_policy& policy) {
  auto const fresh_for = fresh_span(kind, policy);
  auto const fresh_until = now.mono + fresh_for;
  if (kind != answer_kind::complete) return lifetime{fresh_until, fresh_until, now.wall + fresh_for};
  // Without an end_time the call ended now at the latest. One in the future is a clock's error, not a longer right to keep it.
  auto const ended = std::min(end_time.value_or(now.wall), now.wall);
  if (ended <= now.wall - record_lifetime) return std::nullopt;  // first: the difference to a hostile date could overflow
  auto const gone_by = ended + record_lifetime;
  auto const gone_at = now.mono + std::chrono::duration_cast<mono_time::duration>(gone_by - now.wall);
  return lifetime{std::min(fresh_until, gone_at), gone_at, gone_by};
}

std::optional<resumed_life> resumed_life_of(wall_time stored, wall_time gone_by, const instant& now, const freshness_policy& policy) {
  // A clock that was set a little between two runs is no reason to lose everything.
  constexpr std::chrono::minutes slack{1};
  // First: the difference to a hostile date could overflow.
  if (stored > now.wall + slack || stored <= now.wall - record_lifetime) return std::nullopt;
  if (gone_by <= now.wall || gone_by > stored + record_lifetime + slack) return std::nullopt;
  auto const on_mono = [&](wall_time at) { return now.mono + std::chrono::duration_cast<mono_time::duration>(at - now.wall); };
  auto const stored_at = on_mono(std::min(stored, now.wall));
  gone_by = std::min(gone_by, now.wall + record_lifetime);
  auto const gone_at = on_mono(gone_by);
  return resumed_life{stored_at, {std::min(stored_at + policy.fresh_for, gone_at), gone_at, gone_by}};
}

bool forbids_storing(std::string_view cache_control, const freshness_policy& policy) {
  bool forbidden = false;
  for_each_directive(cache_control, [&](std::string_view name, std::string_view) {
    for (std::size_t i = 0; i < upstream_directive_names.size(); ++i)
      forbidden = forbidden || (policy.honoured[i] && iequals(name, upstream_directive_names[i]));
  });
  return forbidden;
}

judgement judge(const entry& kept, const instant& now) {
  auto const age = whole_seconds(now.mono - kept.stored_at);
  auto const ttl = std::chrono::floor<std::chrono::seconds>(kept.fresh_until - now.mono);
  if (kept.is_gone(now)) return {freshness::gone, ttl, age};
  return {now.mono < kept.fresh_until ? freshness::fresh : freshness::stale, ttl, age};
}

std::chrono::seconds retry_after_of(const entry& made, mono_time now) {
  if (made.kind != answer_kind::not_ready) return std::chrono::seconds{0};
  return std::max(std::chrono::ceil<std::chrono::seconds>(made.fresh_until - now), std::chrono::seconds{1});
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

bool may_replace(answer_kind kept, answer_kind arriving) {
  bool const lesser = arriving == answer_kind::not_ready || arriving == answer_kind::absent;
  return kept != answer_kind::complete || !lesser;
}

}  // namespace gateway
