// How long the upstream takes for one exchange: a smoothed mean and deviation, as TCP measures its round trip (RFC 6298 §2).
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
  // 0: no exchange was measured yet.
  [[nodiscard]] std::chrono::nanoseconds mean() const { return mean_; }

  // The part of `timeout` to reserve for the exchange itself: half of it at most, and half while nothing is known.
  // Without it, under overload every permit would go to a request whose time is nearly up, and no request would succeed.
  [[nodiscard]] std::chrono::nanoseconds reserve(std::chrono::nanoseconds timeout) const {
    return mean_.count() == 0 ? timeout / 2 : std::min(mean_ + 4 * deviation_, timeout / 2);
  }

private:
  std::chrono::nanoseconds mean_{0};
  std::chrono::nanoseconds deviation_{0};
};

}  // namespace gateway
