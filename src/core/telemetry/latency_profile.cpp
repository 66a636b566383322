#include "core/telemetry/latency_profile.hpp"

namespace gateway {

profile_sums profile_of(const counter_totals& totals) {
  profile_sums sums;
  for (std::size_t o = 0; o < outcome_count; ++o) {
    if (static_cast<outcome>(o) == outcome::held) continue;
    for (std::size_t b = 0; b < duration_bucket_count; ++b) sums.requests[b] += totals.durations[o].buckets[b];
  }
  sums.spent_ns = totals.spent_ns;
  return sums;
}

profile_sums operator-(profile_sums later, const profile_sums& earlier) {
  for (std::size_t b = 0; b < duration_bucket_count; ++b) {
    later.requests[b] -= earlier.requests[b];
    for (std::size_t h = 0; h < hop_count; ++h) later.spent_ns[b][h] -= earlier.spent_ns[b][h];
  }
  return later;
}

std::optional<latency_profile> profile(const profile_sums& of, double q) {
  auto const bucket = quantile_bucket(of.requests, q);
  if (!bucket) return std::nullopt;
  latency_profile made;
  made.rank = *quantile(of.requests, q);
  made.requests = of.requests[*bucket];
  if (*bucket > 0) made.from = std::chrono::nanoseconds{duration_bounds[*bucket - 1]};
  made.to = *bucket < duration_bounds.size() ? std::chrono::nanoseconds{duration_bounds[*bucket]} : std::chrono::nanoseconds::max();
  for (std::size_t h = 0; h < hop_count; ++h) made.hops[h] = std::chrono::nanoseconds{of.spent_ns[*bucket][h] / made.requests};
  return made;
}

}  // namespace gateway
