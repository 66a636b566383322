#include "app/state/shadow_feed.hpp"

namespace gateway {
namespace {

sized_answer sized(const entry& stored) {
  sized_answer made;
  made.kind = stored.kind;
  made.ask_first = stored.ask_first;
  made.cost = static_cast<std::uint32_t>(lru_store::cost_of(stored));
  made.stored_at = stored.stored_at;
  made.gone_at = stored.gone_at;
  made.fresh_at_most = stored.fresh_at_most;
  return made;
}

}  // namespace

void shadow_feed::show(const cache_key& own, const cache_key& at, const lru_store::found& found, const decision& decided,
                       processing_state state, const request_cache_control& asked, mono_time now) {
  sighting seen;
  seen.call = own.call_bits();
  seen.owner = own.owner.bits();
  seen.place = at.owner.bits();
  seen.at = now;
  seen.state = state;
  seen.is_old = found.purged;
  if (found.stored) seen.answer = sized(*found.stored);
  // What is not stored here may be stored by another policy.
  seen.wants_newer = asked.wants_newer(decided.judged.age, found.stored ? decided.judged.ttl : std::chrono::seconds::max());
  seen.is = is_answer(decided.is) ? sighting::event::answered : sighting::event::missed;
  put(seen);
}

void shadow_feed::fetched(const cache_key& own, processing_state state, const fetched_answer& what, mono_time now) {
  auto const threshold = threshold_.load(std::memory_order_acquire);
  if (threshold == 0) return;
  if (what.was_called) calls_.add();
  if (place_in_sample(own.call_bits()) >= threshold) return;
  sighting seen;
  seen.call = own.call_bits();
  seen.owner = own.owner.bits();
  seen.place = what.place.value_or(own.owner).bits();
  if (what.all) seen.all = what.all->bits();
  seen.at = now;
  seen.state = state;
  seen.is = what.is_refusal ? sighting::event::refused : sighting::event::unstored;
  if (what.made != nullptr) {
    seen.is = sighting::event::stored;
    seen.answer = sized(*what.made);
  }
  put(seen);
}

void shadow_feed::set_sample(std::uint64_t threshold, std::chrono::milliseconds repeats_within) {
  if (!waiting_ && threshold != 0) {
    waiting_ = std::make_unique<queue>();
    shown_ = std::make_unique<repeat_filter>();
  }
  repeats_within_.store(repeats_within.count(), std::memory_order_relaxed);
  threshold_.store(threshold, std::memory_order_release);
}

shadow_feed::counts& shadow_feed::counts::operator+=(const counts& other) {
  requests += other.requests;
  answered += other.answered;
  calls += other.calls;
  repeated += other.repeated;
  lost += other.lost;
  return *this;
}

shadow_feed::counts shadow_feed::counts::operator-(const counts& other) const {
  return {requests - other.requests, answered - other.answered, calls - other.calls, repeated - other.repeated, lost - other.lost};
}

}  // namespace gateway
