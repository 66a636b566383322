#include "app/request/looks.hpp"

#include <algorithm>

#include "core/polling/stand_in.hpp"

namespace gateway {

std::optional<not_ready_answer> looks::stand_in(const fetch_order& order, const instant& now) const {
  if (question(order.state) != processing_state::absent) return std::nullopt;
  return polled_.plan_of(order.key, now);
}

bool looks::is_refused(const fetch_order& order, const verdict& meaning, const instant& now) {
  bool const is_clear = meaning.is != verdict_kind::partial || meaning.why_not == not_stored::partial;
  if (meaning.is != verdict_kind::rejected && is_clear) return false;  // defence: unclear-partial-not-given
  polled_.note_plain_only(order.key, now);
  return true;
}

fetch_result looks::known_instead(const fetch_order& order, const not_ready_answer& known, upstream_answer& unclear, not_stored why_not,
                                  mono_time asked_at) const {
  stand_in_for_partial(unclear, known);
  auto result = result_of(order, unclear, judge_answer(unclear, order.key.call, at_.bodies), asked_at);
  result.answer.why_not = why_not;
  return result;
}

fetch_result looks::result_of(const fetch_order& order, const upstream_answer& answer, const verdict& meaning, mono_time asked_at) const {
  auto const moment = now();
  fetch_result result;
  result.is = fetch_result::ending::answered;
  result.answer = remember(answer, meaning, moment, policy_for(order.key, meaning, moment), at_.config.cache.gzip, asked_at,
                           at_.config.upstream.answer_fields);
  return result;
}

void looks::note(const fetch_order& order, const std::optional<not_ready_answer>& stand_in, upstream_answer& answer, verdict& meaning,
                 mono_time asked_at, const instant& now) {
  switch (meaning.is) {
    case verdict_kind::found:
    case verdict_kind::permanent:
      if (polled_.note_ended(order.key)) count(look_result::complete);
      return;
    case verdict_kind::not_ready:
      polled_.note_not_ready(order.key, answer, asked_at, now);
      return count(look_result::not_ready);
    case verdict_kind::partial:
      break;
    default:
      return;
  }
  // Of any other 200 it is not known what it is.
  if (meaning.why_not != not_stored::partial) return;
  if (polled_.note_partial(order.key, meaning.end_time, asked_at, now)) count(look_result::partial);
  if (!stand_in) return;
  stand_in_for_partial(answer, *stand_in);  // defence: partial-stands-in
  meaning = judge_answer(answer, order.key.call, at_.bodies);
}

void looks::note_shared(const cache_key& key, const upstream_answer& answer, const verdict& meaning, mono_time asked_at,
                        const instant& came) {
  if (meaning.is == verdict_kind::not_ready) polled_.note_shared_look(key, answer, asked_at, came);
  if (meaning.is == verdict_kind::found || meaning.is == verdict_kind::permanent) polled_.note_ended(key);
}

bool looks::answers(const fetch_order& order, answer_kind stored) const {
  if (!order.is_look || stored != answer_kind::not_ready) return true;
  auto const next = polled_.next_look(order.key, now());
  return next && *next > mono_now();
}

freshness_policy looks::policy_for(const cache_key& key, const verdict& meaning, const instant& now) const {
  auto policy = at_.config.cache.freshness;
  if (meaning.is != verdict_kind::not_ready) return policy;
  if (auto const next = polled_.next_look(key, now)) policy.not_ready_for = std::max<span>(policy.not_ready_for, *next - now.mono);
  return policy;
}

}  // namespace gateway
