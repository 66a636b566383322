#include "core/cache/lookup.hpp"

#include <array>

namespace gateway {

std::string_view name_of(lookup outcome) {
  static constexpr std::array<std::string_view, lookup_count> names{"hit",         "hit_checked", "stale",  "nothing", "unsuited",
                                                                    "asked_newer", "overdue",     "purged", "bypass"};
  return names[static_cast<std::size_t>(outcome)];
}

std::string_view prose_of(lookup outcome) {
  static constexpr std::array<std::string_view, lookup_count> sentences{
      "It is fresh and is answered from memory.",
      "It is fresh, and the upstream was asked about it a moment ago: it is answered from memory.",
      "It is past its freshness: it is answered from memory while one refresh runs.",
      "Nothing that may be used is kept: the upstream is asked and the reader waits.",
      "What is kept is no answer to this ProcessingState: the upstream is asked and the reader waits.",
      "The client wants what the upstream says now: the reader waits, and gets what is kept only if the upstream fails.",
      "It has been stale for long: the upstream is asked, the reader waits, and gets what is kept only if the upstream fails.",
      "It was purged, or the call annotated: the upstream is asked, the reader waits, and gets what is kept only if the upstream fails.",
      "A partial summary still changes: the upstream is asked each time.",
  };
  return sentences[static_cast<std::size_t>(outcome)];
}

decision decide(const lru_store::found& found, processing_state wanted, const cache_wishes& wishes, const instant& now,
                const freshness_policy& policy) {
  if (wanted == processing_state::partial) return {lookup::bypass, {}};
  if (!found.kept) return {lookup::nothing, {}};
  auto const judged = judge(*found.kept, now);
  if (judged.is == freshness::gone) return {lookup::nothing, judged};
  if (!answers(found.kept->kind, wanted, policy)) return {lookup::unsuited, judged};
  if (found.purged) return {lookup::purged, judged};
  bool const wants_newer = wishes.wants_newer(judged.age, judged.ttl);
  // However many clients insist, one entry costs the upstream no more than a request per revalidate_after.
  bool const just_checked = found.checked_at && now.mono - *found.checked_at < policy.revalidate_after;
  if (wants_newer && !just_checked) return {lookup::asked_newer, judged};
  // While the upstream fails nobody is made to wait for it again.
  bool const overdue = judged.is == freshness::stale && now.mono >= found.kept->fresh_until + policy.stale_for && !found.refresh_failed;
  if (overdue) return {lookup::overdue, judged};
  if (judged.is == freshness::stale) return {lookup::stale, judged};
  return {wants_newer ? lookup::hit_checked : lookup::hit, judged};
}

std::string_view setting_of(lookup outcome, answer_kind kept) {
  switch (outcome) {
    case lookup::hit_checked:
      return "cache.revalidate_after";
    case lookup::stale:
      return "cache.refresh_backoff";
    case lookup::overdue:
      return "cache.stale_for";
    case lookup::unsuited:
      return kept == answer_kind::complete ? "cache.serve_complete_for" : "";
    case lookup::hit:
      break;
    default:
      return "";
  }
  static constexpr std::array<std::string_view, answer_kind_count> spans{"cache.fresh_for", "cache.not_ready_for", "cache.absent_for",
                                                                         "cache.permanent_for"};
  return spans[static_cast<std::size_t>(kept)];
}

}  // namespace gateway
