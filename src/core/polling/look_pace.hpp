// When a watch looks for its readers: by the schedule of the call, and later if a look was denied or has failed.
// Thread rule: belongs to one watch. Time rule: moments are arguments.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/base/time.hpp"

namespace gateway {

class look_pace {
public:
  explicit look_pace(mono_time begun) : last_(begun) {}

  // `scheduled`: by what is known of the call's life; nothing is known: a step after the last look.
  [[nodiscard]] mono_time due(std::optional<mono_time> scheduled, std::chrono::nanoseconds step) const {
    return std::max(not_before_, scheduled.value_or(last_ + std::max<std::chrono::nanoseconds>(step, pause)));
  }
  // Whether the next look gives way to all other requests. After two denials it queues behind them.
  [[nodiscard]] bool gives_way() const { return denied_ < most_denied; }

  // There was no permit at once. Where many calls are looked at in one moment, there is one soon.
  void denied(mono_time now) {
    not_before_ = now + (denied_ == 0 ? std::chrono::nanoseconds{shortest} : std::chrono::nanoseconds{pause});
    ++denied_;
  }
  // A look has ended. `wait`: at least so long the next one waits.
  void looked(mono_time now, std::chrono::nanoseconds wait) {
    denied_ = 0;
    last_ = now;
    not_before_ = now + std::max<std::chrono::nanoseconds>(wait, shortest);
  }

  static constexpr std::chrono::seconds pause{1};

private:
  static constexpr std::chrono::milliseconds shortest{100};  // however urgent
  static constexpr int most_denied = 2;

  mono_time last_;
  mono_time not_before_ = mono_time::min();
  int denied_ = 0;
};

}  // namespace gateway
