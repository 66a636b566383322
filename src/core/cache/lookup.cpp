#include "core/cache/lookup.hpp"

#include <array>

namespace gateway {

std::string_view name_of(lookup outcome) {
  static constexpr std::array<std::string_view, lookup_count> names{
      "hit", "hit_checked", "hit_failed", "stale", "nothing", "unsuited", "asked_newer", "overdue", "ask_first", "purged", "bypass"};
  return names[static_cast<std::size_t>(outcome)];
}

std::string_view prose_of(lookup outcome) {
  static constexpr std::array<std::string_view, lookup_count> sentences{
      "It is fresh and is answered from memory.",
      "It is fresh, and the upstream has just been asked about it: it is answered from memory.",
      "It is fresh, and the upstream has just failed when asked about it: it is answered from memory.",
      "It is stale: it is answered from memory while one refresh runs.",
      "Nothing usable is cached: the upstream is asked and the client waits.",
      "The cached answer does not fit this ProcessingState: the upstream is asked and the client waits.",
      "The client demands a newer answer: it waits for the upstream, and gets the cached answer only if the upstream fails.",
      "It has been stale for too long: the client waits for the upstream, and gets the cached answer only if the upstream fails.",
      "The upstream demands a revalidation at each use: the client waits, and gets the cached answer only if the upstream fails.",
      "It was invalidated by a purge, an annotation or a newer answer: the client waits for the upstream, and gets the cached answer only "
      "if the upstream fails.",
      "A partial summary still changes: the upstream is asked each time.",
  };
  return sentences[static_cast<std::size_t>(outcome)];
}

decision decide(const lru_store::found& found, processing_state wanted, const request_cache_control& cache_control, const instant& now,
                const freshness_policy& policy) {
  if (wanted == processing_state::partial) return {lookup::bypass, {}};
  if (!found.stored) return {lookup::nothing, {}};
  auto const judged = judge(*found.stored, now, policy);
  if (judged.is == freshness::gone) return {lookup::nothing, judged};
  if (!answers(found.stored->kind, wanted, policy)) return {lookup::unsuited, judged};
  if (found.purged) return {lookup::purged, judged};  // defence: purged-asks-first
  auto const happened_within = [&](const std::optional<mono_time>& when, std::chrono::nanoseconds span) {
    return when && now.mono - *when < span;  // defence: failure-span
  };
  // After its freshness clients wait for the upstream in some cases. While the upstream fails, no further client waits for it.
  bool const failing = happened_within(found.failed_at, policy.failure_counts_for());
  bool const wants_newer = cache_control.wants_newer(judged.age, judged.ttl);
  // However many clients demand a newer answer, an entry costs the upstream at most one request per revalidate_after.
  bool const just_checked = happened_within(found.checked_at, policy.revalidate_after);
  // A stored refusal is no substitute for an answer when the upstream fails.
  bool const just_failed = happened_within(found.failed_at, policy.revalidate_after) && found.stored->kind == answer_kind::complete;
  if (wants_newer && !just_checked && !just_failed) return {lookup::asked_newer, judged, failing};
  if (judged.is == freshness::fresh)
    return {wants_newer ? (just_failed ? lookup::hit_failed : lookup::hit_checked) : lookup::hit, judged, failing};
  if (failing) return {lookup::stale, judged, failing};
  if (now.mono >= fresh_until(*found.stored, policy) + policy.stale_for) return {lookup::overdue, judged};
  // A revalidation of a moment ago is enough, even if nothing new was stored.
  if (found.stored->ask_first && !just_checked) return {lookup::ask_first, judged};
  return {lookup::stale, judged};
}

std::string_view setting_of(lookup outcome, answer_kind stored) {
  switch (outcome) {
    case lookup::hit_checked:
    case lookup::hit_failed:
      return "cache.revalidate_after";
    case lookup::ask_first:
      return "cache.honour_upstream";
    case lookup::stale:
      return "cache.refresh_backoff";
    case lookup::overdue:
      return "cache.stale_for";
    case lookup::unsuited:
      return stored == answer_kind::complete ? "cache.serve_complete_for" : "";
    case lookup::hit:
      break;
    default:
      return "";
  }
  static constexpr std::array<std::string_view, answer_kind_count> spans{"cache.fresh_for", "cache.not_ready_for", "cache.absent_for",
                                                                         "cache.permanent_for"};
  return spans[static_cast<std::size_t>(stored)];
}

}  // namespace gateway
