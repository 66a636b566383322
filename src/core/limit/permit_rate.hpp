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
  // A request begins to wait.
  void waits(mono_time now) {
    if (!since_) since_ = now;
  }
  // A permit was granted to a request that had waited.
  void granted(mono_time now) {
    if (last_) observe(now - *last_);
    last_ = since_ = now;
  }
  // A pause follows, until then, that says nothing about the rate after it.
  void interrupted(mono_time until) {
    last_.reset();
    if (since_) since_ = until;  // defence: silence-after-pause
  }
  // No request waits any more, so the measured rate does not apply to the next one.
  void forget() { *this = {}; }

  // The time between two permits; nothing before enough of them were seen in a row.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> between() const { return seen_ < enough ? std::nullopt : std::optional{mean_}; }
  // The same, however few were seen; 0: none.
  [[nodiscard]] std::chrono::nanoseconds mean() const { return mean_; }
  // As if a permit were granted now, when none has been for longer than usual.
  [[nodiscard]] permit_rate as_if_granted(mono_time now) const {
    auto made = *this;
    if (since_ && now - *since_ > mean_) made.observe(now - *since_);
    return made;
  }

private:
  static constexpr int enough = 16;

  void observe(std::chrono::nanoseconds span) {
    seen_ = std::min(seen_ + 1, enough);
    mean_ += (span - mean_) / seen_;  // the plain mean at first, then an exponential one
  }

  std::optional<mono_time> last_{};   // permit; none before it, or before a pause
  std::optional<mono_time> since_{};  // requests have waited since then without a permit
  std::chrono::nanoseconds mean_{0};
  int seen_ = 0;
};

}  // namespace gateway
