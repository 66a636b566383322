#include "core/limit/call_backoff.hpp"

namespace gateway {

std::optional<call_backoff::held_back> call_backoff::check(std::uint64_t what, mono_time now) const {
  auto const& one = slots_[what % size];
  if (one.failures < 2 || one.what != what || now >= one.until) return std::nullopt;
  return held_back{one.until - now, one.status};
}

void call_backoff::note_failure(std::uint64_t what, int status, double chance, mono_time now) {
  auto& one = slots_[what % size];
  if (one.what != what || now - one.until > policy_.longest) one = {what, 0, 0, now};  // another call, or a failure of long ago
  ++one.failures;
  one.status = status;
  if (one.failures >= 2) one.until = now + policy_.span(one.failures - 2, chance);
}

void call_backoff::note_success(std::uint64_t what) {
  auto& one = slots_[what % size];
  if (one.what == what) one.failures = 0;
}

}  // namespace gateway
