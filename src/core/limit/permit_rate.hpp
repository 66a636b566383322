// How fast permits are granted while requests wait all the time. From it a new request learns how long it would wait.
// Thread rule: values. Time rule: `now` is an argument.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/base/time.hpp"

namespace gateway {

class permit_rate {
public:
  // A permit was granted to a request that had waited.
  void granted(mono_time now) {
    if (last_) observe(now - *last_);
    last_ = now;
  }
  // A pause follows that says nothing about the rate after it.
  void interrupted() { last_.reset(); }
  // No request waits any more, so the measured rate does not apply to the next one.
  void forget() { *this = {}; }

  // The time between two permits; nothing before enough of them were seen in a row.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> between() const { return seen_ < enough ? std::nullopt : std::optional{mean_}; }
  // The same as if a permit were granted now, when none has been for longer than usual.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> between_until(mono_time now) const {
    auto as_if = *this;
    if (last_ && now - *last_ > mean_) as_if.granted(now);
    return as_if.between();
  }

private:
  static constexpr int enough = 16;

  void observe(std::chrono::nanoseconds span) {
    seen_ = std::min(seen_ + 1, enough);
    mean_ += (span - mean_) / seen_;  // the plain mean at first, then an exponential one
  }

  std::optional<mono_time> last_{};
  std::chrono::nanoseconds mean_{0};
  int seen_ = 0;
};

}  // namespace gateway
