// A line of the log that requests cause: at most one in each pause.
// Thread rule: any thread.
#pragma once

#include <atomic>
#include <limits>

#include "core/base/time.hpp"

namespace gateway {

class paced_line {
public:
  bool may_write(mono_time now, std::chrono::nanoseconds pause) {
    auto next = next_.load(std::memory_order_relaxed);
    auto const moment = now.time_since_epoch().count();
    return moment >= next && next_.compare_exchange_strong(next, moment + pause.count(), std::memory_order_relaxed);
  }

private:
  std::atomic<mono_time::rep> next_{std::numeric_limits<mono_time::rep>::min()};
};

}  // namespace gateway
