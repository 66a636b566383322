#include "core/polling/look_schedule.hpp"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

using namespace std::chrono_literals;
using span = std::chrono::nanoseconds;

// While the call's end is not known: the steps after the first looks. A call that has just ended may have its partial soon.
constexpr std::array<span, 3> first_steps{15s, 30s, 60s};
// The same while events arrive: with the partial comes an event, so this step only covers a lost one.
constexpr span step_with_events = 12min;
// The complete summary may be some minutes late; after that it is no longer looked for so often.
constexpr span grace = 5min;
constexpr span step_within_grace = 1min;
constexpr span step_after_grace = 5min;

look_plan by_schedule(const call_life& life, const look_rules& rules, bool events_arrive) {
  if (!life.ended) {
    if (events_arrive) return {life.looked_at + step_with_events, look_reason::end_unknown_events};
    bool const is_first = life.looks_without_end <= first_steps.size();
    auto const step = is_first ? first_steps[std::max(life.looks_without_end, 1U) - 1] : rules.longest_step;
    return {life.looked_at + std::min(step, rules.longest_step), look_reason::end_unknown};
  }
  auto const due = *life.ended + rules.complete_after;
  auto const late = due + grace;
  if (events_arrive && life.looked_at < late) return {late, look_reason::complete_events};
  if (life.looked_at < due) return {due, look_reason::complete_due};
  // With a short longest step these are shorter, too.
  if (life.looked_at < late) return {life.looked_at + std::min(step_within_grace, rules.longest_step), look_reason::complete_due_soon};
  return {life.looked_at + std::min(step_after_grace, rules.longest_step * 5 / 2), look_reason::complete_late};
}

}  // namespace

std::string_view explained(look_reason why) {
  static constexpr std::array<std::string_view, look_reason_count> texts{
      "the end of the call is not known yet",
      "the end of the call is not known yet, and events arrive for its account",
      "the complete summary is expected polling.complete_after the end of the call",
      "the complete summary is due, so the steps are short",
      "the complete summary is late, so the steps are longer again",
      "the event about the complete summary has not come",
      "an event about the call has come",
      "the upstream asked for that pause with Retry-After"};
  return texts[static_cast<std::size_t>(why)];
}

look_plan next_look(const call_life& life, const look_rules& rules, bool events_arrive) {
  auto const least = life.looked_at + rules.least_step;
  if (life.is_called()) return {life.in_haste ? *life.heard_at : std::max(*life.heard_at, least), look_reason::event};
  auto plan = by_schedule(life, rules, events_arrive);
  plan.at = std::max(plan.at, least);
  if (life.not_before && *life.not_before > plan.at) plan = {*life.not_before, look_reason::retry_after};
  return plan;
}

}  // namespace gateway
