// The last ten minutes in compact samples, so that the dashboard shows them as soon as it opens: the counts between two readings of the
// counters, and the state at the second reading.
// Thread rule: belongs to the control lane. Time rule: `now` is an argument.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/time.hpp"
#include "core/telemetry/latency_profile.hpp"
#include "core/telemetry/metrics_snapshot.hpp"

namespace gateway {

// Answers from the cache and answers that waited for the upstream differ by a factor of a thousand, so a common percentile says little.
enum class answered_by : std::uint8_t { anybody, memory, upstream };
inline constexpr std::size_t answered_by_count = 3;
std::string_view name_of(answered_by who);

struct history_sample {
  std::uint64_t number = 0;  // from 1, without gaps
  std::int64_t at_ms = 0;    // Unix time
  std::uint32_t span_ms = 0;
  // Counted in the interval:
  std::array<std::uint32_t, outcome_count> requests{};
  struct percentiles {
    std::uint32_t p50_us = 0, p90_us = 0, p99_us = 0;  // 0: no request was answered
  };
  std::array<percentiles, answered_by_count> latency{};
  std::uint32_t upstream_calls = 0, upstream_avoided = 0, throttled = 0, upstream_failures = 0;
  std::uint32_t evictions = 0;  // because the cache was full
  // At its end:
  std::uint32_t limit = 0, in_flight = 0, queue = 0;
  std::uint64_t cache_bytes = 0;
};

class history {
public:
  static constexpr std::chrono::seconds interval{2};
  static constexpr std::size_t capacity = 300;  // samples: 10 minutes
  static constexpr std::chrono::seconds profile_step{30};
  static constexpr std::size_t profiles_kept = 21;  // profile_step apart: 10 minutes

  // The first call only sets the baseline.
  void add(const metrics_snapshot& counted, const instant& now);

  // Oldest first: the samples with a number above `after`; all samples if no sample has that number yet.
  [[nodiscard]] std::vector<history_sample> samples(std::uint64_t after = 0) const;

  struct window {
    std::chrono::nanoseconds length{};
    profile_sums sums;
  };
  // The counts since about `back` ago: at least that long, if the history goes back so far.
  [[nodiscard]] window since(std::chrono::nanoseconds back) const;

private:
  struct moment {
    mono_time at;
    profile_sums sums;
  };
  struct baseline {
    instant at;
    counter_totals totals;
    std::uint64_t evictions = 0;
  };

  std::optional<baseline> last_;
  std::array<history_sample, capacity> ring_{};  // sample n is at n % capacity
  std::uint64_t newest_ = 0;
  std::vector<moment> moments_;  // oldest first, never empty once there is a baseline
};

}  // namespace gateway
