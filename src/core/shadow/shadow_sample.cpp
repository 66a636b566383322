#include "core/shadow/shadow_sample.hpp"

#include <algorithm>
#include <cmath>

namespace gateway {

shadow_sample::shadow_sample(const std::vector<shadow_policy>& policies, mono_time since)
    : policies_(policies.begin(), policies.end()), since_(since), seen_until_(since) {}

void shadow_sample::take(sighting seen) {
  seen_until_ = std::max(seen_until_, seen.at);
  auto const place = place_in_sample(seen.call);
  if (place >= threshold_) return;
  auto const [at, is_new] = calls_.try_emplace(place, sampled_call{seen.call});
  auto& known = at->second;
  if (seen.is == sighting::event::stored && seen.all != 0) known.all = seen.all;
  seen.all = known.all;
  bool const is_request = seen.is <= sighting::event::missed;
  bool const was_before = seen.is == sighting::event::answered && is_new && seen.answer.stored_at < since_;
  for (auto& one : policies_) {
    if (was_before) one.adopt(seen);
    is_request ? one.look(seen, 1 / rate_) : one.note(seen);
  }
  while (is_full()) lower_threshold();
}

std::chrono::milliseconds shadow_sample::repeats_within() const {
  std::chrono::nanoseconds shortest = std::min<std::chrono::nanoseconds>(longest_repeat, (seen_until_ - since_) / 8);
  for (auto const& one : policies_) shortest = std::min(shortest, one.repeats_within());
  return std::chrono::floor<std::chrono::milliseconds>(shortest);
}

bool shadow_sample::is_full() const {
  return calls_.size() > most_calls || std::ranges::any_of(policies_, [](const policy_replay& one) { return one.size() > most_entries; });
}

// The call with the largest place leaves, and so does every call that comes with a place as large.
void shadow_sample::lower_threshold() {
  auto const last = std::prev(calls_.end());
  threshold_ = last->first;
  rate_ = std::ldexp(static_cast<double>(threshold_), -64);
  for (auto& one : policies_) {
    one.forget(last->second.bits);
    one.set_rate(rate_);
  }
  calls_.erase(last);
}

void shadow_sample::forget_unheld() {
  if (calls_.size() < most_calls / 2) return;
  std::erase_if(calls_, [&](const auto& call) {
    return std::ranges::none_of(policies_, [&](const policy_replay& one) { return one.holds(call.second.bits); });
  });
}

void shadow_sample::purge(std::uint64_t call) {
  for (auto& one : policies_) one.forget(call);
}

void shadow_sample::purge_all() {
  for (auto& one : policies_) one.forget_all();
}

double hit_ratio(const shadow_count& counted, double requests) {
  if (requests <= 0) return 0;
  return std::clamp((counted.answered + (requests - counted.requests)) / requests, 0.0, 1.0);
}

}  // namespace gateway
