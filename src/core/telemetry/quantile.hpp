// The duration below which a given share of requests stayed, as far as the buckets of a histogram tell.
// Thread rule: pure functions.
#pragma once

#include <chrono>
#include <optional>

#include "core/telemetry/counters.hpp"

namespace gateway {

using duration_buckets = std::array<std::uint64_t, duration_bucket_count>;

// In which bucket the share `q` (0…1] of all is reached; nothing where nothing was counted.
std::optional<std::size_t> quantile_bucket(const duration_buckets& counts, double q);

// Interpolated within its bucket, as Prometheus does; what lies beyond the last bound is said to be the last bound.
std::optional<std::chrono::nanoseconds> quantile(const duration_buckets& counts, double q);

}  // namespace gateway
