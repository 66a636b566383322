// The duration that a given share of requests did not exceed, estimated from the buckets of a histogram.
// Thread rule: pure functions.
#pragma once

#include <chrono>
#include <optional>

#include "core/telemetry/counters.hpp"

namespace gateway {

using duration_buckets = std::array<std::uint64_t, duration_bucket_count>;

// The bucket that contains the quantile `q` (0…1]; nullopt if nothing was counted.
std::optional<std::size_t> quantile_bucket(const duration_buckets& counts, double q);

// Interpolated within its bucket, as Prometheus does. Above the last bound, the result is the last bound.
std::optional<std::chrono::nanoseconds> quantile(const duration_buckets& counts, double q);

}  // namespace gateway
