// Where a request of a given rank spends its time: the average hops of all requests about as slow as the median, the p99, or the slowest,
// held readers apart.
// They sum to the average duration because they belong to the same requests; medians of single hops would not.
// Thread rule: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/telemetry/counters.hpp"
#include "core/telemetry/quantile.hpp"

namespace gateway {

// The counters that a profile needs, summed over outcomes. The difference of two moments covers the time between them.
struct profile_sums {
  duration_buckets requests{};
  std::array<std::array<std::uint64_t, hop_count>, duration_bucket_count> spent_ns{};  // by the bucket of the total duration
};
profile_sums profile_of(const counter_totals& totals);
profile_sums operator-(profile_sums later, const profile_sums& earlier);

struct latency_profile {
  std::chrono::nanoseconds rank{};  // the quantile itself
  std::uint64_t requests = 0;       // in its bucket: the requests that are averaged
  std::chrono::nanoseconds from{};  // the bucket's bounds;
  std::chrono::nanoseconds to{};    // max: none
  std::array<std::chrono::nanoseconds, hop_count> hops{};
};

// nullopt: no request was counted. q = 1: the slowest.
std::optional<latency_profile> profile(const profile_sums& of, double q);

}  // namespace gateway
