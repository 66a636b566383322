// How long the upstream takes for one exchange, as TCP learns its round trip (RFC 6298 §2): a smoothed mean and a smoothed deviation.
// Thread rule: values.
#pragma once

#include <algorithm>
#include <chrono>

namespace gateway {

class service_time {
public:
  void observe(std::chrono::nanoseconds span) {
    if (mean_.count() == 0) {
      mean_ = span;
      deviation_ = span / 2;
      return;
    }
    auto const off = span > mean_ ? span - mean_ : mean_ - span;
    deviation_ += (off - deviation_) / 4;
    mean_ += (span - mean_) / 8;
  }
  // 0: nothing is known yet.
  [[nodiscard]] std::chrono::nanoseconds mean() const { return mean_; }

  // How much of `timeout` to keep for the exchange itself. Who waits longer for a turn could not use it any more: under overload every turn
  // would go to somebody whose time is just up, and nobody would be served. Half of it while nothing is known, and at most.
  [[nodiscard]] std::chrono::nanoseconds reserve(std::chrono::nanoseconds timeout) const {
    return mean_.count() == 0 ? timeout / 2 : std::min(mean_ + 4 * deviation_, timeout / 2);
  }

private:
  std::chrono::nanoseconds mean_{0};
  std::chrono::nanoseconds deviation_{0};
};

}  // namespace gateway
