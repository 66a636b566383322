// How fast turns come while somebody waits all the time: what tells a newcomer how long its own will take.
// Thread rule: values. Time rule: `now` is an argument.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/base/time.hpp"

namespace gateway {

class permit_rate {
public:
  // A turn was given to somebody who had waited.
  void granted(mono_time now) {
    if (last_) observe(now - *last_);
    last_ = now;
  }
  // For a while there were none, for a reason that says nothing about the next ones.
  void interrupted() { last_.reset(); }
  // Nobody waits any more: what comes next may be quite another time.
  void forget() { *this = {}; }

  // From one turn to the next; nothing before enough of them were seen in a row.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> between() const { return seen_ < enough ? std::nullopt : std::optional{mean_}; }

private:
  static constexpr int enough = 16;

  void observe(std::chrono::nanoseconds span) {
    seen_ = std::min(seen_ + 1, enough);
    mean_ += (span - mean_) / seen_;  // the plain mean of the first ones, then an exponential one
  }

  std::optional<mono_time> last_{};
  std::chrono::nanoseconds mean_{0};
  int seen_ = 0;
};

}  // namespace gateway
