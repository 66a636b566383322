#include "core/upstream/token_schedule.hpp"

#include <utility>

namespace gateway {

// A fifth of its life, five minutes at most, is left for refreshes that fail. Chance makes gateways that started together ask apart.
void token_schedule::note_issued(std::chrono::nanoseconds lifetime, double chance, mono_time now) {
  refreshing_ = false;
  failures_ = 0;
  issued_at_ = now;
  until_ = begun_at_ + lifetime;
  auto const margin = std::min<std::chrono::nanoseconds>(lifetime / 5, longest_margin);
  auto const earlier = std::chrono::nanoseconds{static_cast<std::int64_t>(static_cast<double>(margin.count()) * 0.25 * chance)};
  due_ = std::exchange(again_, false) ? now : std::max(until_ - margin - earlier, now + shortest_use);  // defence: token-pace
}

void token_schedule::note_failed(std::chrono::nanoseconds at_least, double chance, mono_time now) {
  refreshing_ = false;
  due_ = std::exchange(again_, false) ? now : now + std::max(pauses.span(failures_++, chance), at_least);  // defence: token-back-off
}

token_schedule::refusal token_schedule::note_refused(mono_time asked_at, double chance, mono_time now) {
  if (asked_at < issued_at_ || !has_token(now))
    return is_refused() ? refusal::account : refusal::ended;  // another one is, or will be, in use
  until_ = none;
  if (++refusals_ > 1) {
    due_ = now + pauses.span(refusals_ - 2, chance);  // defence: refused-token-pace
    return refusal::account;
  }
  due_ = now;
  return refusal::ended;
}

}  // namespace gateway
