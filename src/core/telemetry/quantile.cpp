#include "core/telemetry/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gateway {
namespace {

struct place {
  std::size_t bucket = 0;
  double into = 0;  // the share of the bucket's counts that is below
};

std::optional<place> find(const duration_buckets& counts, double q) {
  auto const all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (all == 0) return std::nullopt;
  auto left = q * static_cast<double>(all);
  place last;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    auto const here = static_cast<double>(counts[i]);
    last = {i, std::min(left / here, 1.0)};
    if (left <= here) return last;
    left -= here;
  }
  return last;  // reached only by rounding
}

}  // namespace

std::optional<std::size_t> quantile_bucket(const duration_buckets& counts, double q) {
  auto const found = find(counts, q);
  return found ? std::optional{found->bucket} : std::nullopt;
}

std::optional<std::chrono::nanoseconds> quantile(const duration_buckets& counts, double q) {
  auto const found = find(counts, q);
  if (!found) return std::nullopt;
  if (found->bucket == duration_bounds.size()) return std::chrono::nanoseconds{duration_bounds.back()};
  auto const from = found->bucket == 0 ? 0 : duration_bounds[found->bucket - 1];
  auto const width = static_cast<double>(duration_bounds[found->bucket] - from);
  return std::chrono::nanoseconds{from + std::llround(width * found->into)};
}

}  // namespace gateway
