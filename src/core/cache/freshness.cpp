#include "core/cache/freshness.hpp"

#include <algorithm>

#include "core/cache/upstream_cache_control.hpp"

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
  return lifetime_of(kind, end_time, now, policy, {});
}

std::optional<lifetime> lifetime_of(answer_kind kind, std::optional<wall_time> end_time, const instant& now, const freshness_policy& policy,
                                    const upstream_bounds& heard) {
  if (kind != answer_kind::complete) {
    auto const span = fresh_span(kind, policy);
    // Whatever its age, it is served for a moment, which spares the upstream the same request.
    auto const age = std::min(heard.age, span - std::min(span, policy.revalidate_after));
    auto const left = std::min(span, heard.fresh_at_most) - age;
    return lifetime{now.mono - age, now.mono + left, now.wall + left};
  }
  // Without an end_time the call ended at the latest when the summary was made. A time in the future is a wrong clock and gives no longer
  // lifetime.
  auto const ended = std::min(end_time.value_or(now.wall - heard.age), now.wall);
  if (ended <= now.wall - record_lifetime) return std::nullopt;  // first, because the difference to a hostile date could overflow
  auto const gone_by = ended + record_lifetime;
  auto const gone_at = now.mono + std::chrono::duration_cast<mono_time::duration>(gone_by - now.wall);
  return lifetime{now.mono - heard.age, gone_at, gone_by};
}

std::optional<resumed_life> resumed_life_of(wall_time asked, wall_time stored, wall_time gone_by, const instant& now) {
  // The clock may have been set a little between two runs.
  constexpr std::chrono::minutes slack{1};
  // First, because the difference to a hostile date could overflow. An answer that arrived with an Age is older than its request.
  if (asked > now.wall + slack || asked <= now.wall - record_lifetime) return std::nullopt;
  if (stored > now.wall + slack || stored < asked - record_lifetime) return std::nullopt;
  if (gone_by <= now.wall || gone_by > asked + record_lifetime + slack) return std::nullopt;  // defence: thirty-days-file
  auto const on_mono = [&](wall_time at) { return now.mono + std::chrono::duration_cast<mono_time::duration>(at - now.wall); };
  gone_by = std::min(gone_by, now.wall + record_lifetime);
  return resumed_life{{on_mono(std::min(stored, now.wall)), on_mono(gone_by), gone_by}, on_mono(std::min(asked, now.wall))};
}

mono_time fresh_until(const entry& stored, const freshness_policy& policy) {
  // "Not ready" is fresh until the next look (core/polling), which was known when it was stored.
  if (stored.kind == answer_kind::not_ready) return stored.gone_at;
  return std::min(stored.stored_at + std::min(fresh_span(stored.kind, policy), stored.fresh_at_most), stored.gone_at);
}

judgement judge(const entry& stored, const instant& now, const freshness_policy& policy) {
  auto const until = fresh_until(stored, policy);
  auto const age = whole_seconds(now.mono - stored.stored_at);
  auto const ttl = std::chrono::floor<std::chrono::seconds>(until - now.mono);
  bool const is_fresh = now.mono < until;
  // Only a complete summary is useful after its freshness.
  if (stored.is_gone(now) || (!is_fresh && stored.kind != answer_kind::complete)) return {freshness::gone, ttl, age};
  return {is_fresh ? freshness::fresh : freshness::stale, ttl, age};
}

std::chrono::seconds retry_after_of(const entry& made, mono_time now) {
  if (made.kind != answer_kind::not_ready) return std::chrono::seconds{0};
  return std::max(std::chrono::ceil<std::chrono::seconds>(made.gone_at - now), std::chrono::seconds{1});
}

bool is_answer_to(answer_kind kind, processing_state wanted) {
  // "Not ready" is no answer for a client that accepts a partial.
  if (kind == answer_kind::not_ready) return wanted == processing_state::absent || wanted == processing_state::complete;
  return wanted != processing_state::partial;
}

bool answers(answer_kind kind, processing_state wanted, const freshness_policy& policy) {
  if (kind == answer_kind::complete) return policy.complete_answers[static_cast<std::size_t>(wanted)];
  return is_answer_to(kind, wanted);
}

bool may_replace(answer_kind stored, answer_kind arriving) {
  bool const lesser = arriving == answer_kind::not_ready || arriving == answer_kind::absent;
  return stored != answer_kind::complete || !lesser;
}

}  // namespace gateway
