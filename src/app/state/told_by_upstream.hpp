// What the last answer of an upstream said beside its content, for operators.
// Thread rule: any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

namespace gateway {

class told_by_upstream {
public:
  void note_concurrency(std::uint64_t requests) { concurrency_.store(requests, std::memory_order_relaxed); }
  // Twilio-Concurrent-Requests; 0: none yet.
  [[nodiscard]] std::uint64_t concurrency() const { return concurrency_.load(std::memory_order_relaxed); }

  void note_clock_skew(std::chrono::milliseconds skew) { clock_skew_.store(skew.count(), std::memory_order_relaxed); }
  // core/upstream/clock_skew; nothing: no answer had a Date yet.
  [[nodiscard]] std::optional<std::chrono::milliseconds> clock_skew() const {
    auto const skew = clock_skew_.load(std::memory_order_relaxed);
    return skew == none ? std::nullopt : std::optional{std::chrono::milliseconds{skew}};
  }

private:
  static constexpr auto none = std::numeric_limits<std::int64_t>::min();
  std::atomic<std::uint64_t> concurrency_{0};
  std::atomic<std::int64_t> clock_skew_{none};
};

}  // namespace gateway
