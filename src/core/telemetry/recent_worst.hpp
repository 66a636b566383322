// The worst of what was measured in the last half to one minute: nothing falls between two scrapes, and nothing stays for long.
// Thread rule: none of its own. Time rule: `now` is an argument.
#pragma once

#include <algorithm>
#include <chrono>

#include "core/base/time.hpp"

namespace gateway {

class recent_worst {
public:
  static constexpr std::chrono::seconds half{30};

  void note(std::chrono::nanoseconds measured, mono_time now) {
    if (now - began_ >= half) {
      before_ = now - began_ < 2 * half ? current_ : std::chrono::nanoseconds{0};
      current_ = {};
      began_ = now;
    }
    current_ = std::max(current_, measured);
  }
  // As of the last measurement.
  [[nodiscard]] std::chrono::nanoseconds get() const { return std::max(current_, before_); }

private:
  std::chrono::nanoseconds current_{0};  // since began_
  std::chrono::nanoseconds before_{0};   // in the half minute before
  mono_time began_{};
};

}  // namespace gateway
