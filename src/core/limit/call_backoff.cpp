#include "core/limit/call_backoff.hpp"

namespace gateway {

std::optional<std::chrono::nanoseconds> call_backoff::retry_in(std::uint64_t what, mono_time now) const {
  auto const& one = places_[what % size];
  if (one.failures < 2 || one.what != what || now >= one.until) return std::nullopt;
  return one.until - now;
}

void call_backoff::note_failure(std::uint64_t what, double chance, mono_time now) {
  auto& one = places_[what % size];
  if (one.what != what || now - one.until > policy_.longest) one = {what, 0, now};  // another call's, or an old story
  ++one.failures;
  if (one.failures >= 2) one.until = now + policy_.span(one.failures - 2, chance);
}

void call_backoff::note_success(std::uint64_t what) {
  auto& one = places_[what % size];
  if (one.what == what) one.failures = 0;
}

}  // namespace gateway
