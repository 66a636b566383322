// Something that is counted and comes in episodes, such as requests that are shed: when an episode begins, when it has ended, and its
// count. Thread rule: none of its own. Time rule: `now` is an argument.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/time.hpp"

namespace gateway {

class episode {
public:
  // So long without one: the episode has ended.
  static constexpr std::chrono::seconds quiet{10};

  struct change {
    bool begun = false;  // else it has ended
    std::uint64_t count = 0;
    std::chrono::nanoseconds lasted{};
  };

  // `total`: since the start. The first call only sets the baseline. A change is told as soon as it is seen.
  std::optional<change> look(std::uint64_t total, mono_time now) {
    auto const before = last_look_;
    last_look_ = now;
    if (!total_) {
      total_ = total;
      return std::nullopt;
    }
    auto const more = total - *total_;
    total_ = total;
    if (more > 0) {
      count_ += more;
      seen_ = now;
      if (began_) return std::nullopt;
      began_ = before;
      return change{true, count_, now - *began_};
    }
    if (!began_ || now - seen_ < quiet) return std::nullopt;
    change const ended{false, count_, seen_ - *began_};
    began_.reset();
    count_ = 0;
    return ended;
  }

private:
  std::optional<std::uint64_t> total_;
  std::optional<mono_time> began_;  // while an episode lasts
  std::uint64_t count_ = 0;         // in it
  mono_time seen_{};                // the last one
  mono_time last_look_{};
};

}  // namespace gateway
