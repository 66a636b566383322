#include "core/telemetry/recent_worst.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace gateway::recent_worst_test {
namespace {

using namespace std::chrono_literals;

TEST(recent_worst, a_peak_is_seen_for_half_a_minute_at_least_and_a_minute_at_most) {
  recent_worst lag;
  mono_time const begun{1h};
  for (auto now = begun; now < begun + 5min; now += 2s) {
    lag.note(now == begun + 90s ? 700ms : 1ms, now);
    auto const since = now - (begun + 90s);
    if (since >= 0s && since <= recent_worst::half) {
      EXPECT_EQ(lag.get(), 700ms) << since.count();
    } else if (since < 0s || since > 2 * recent_worst::half) {
      EXPECT_EQ(lag.get(), 1ms) << since.count();
    }
  }
}

TEST(recent_worst, property_it_covers_the_last_half_minute_and_nothing_older_than_three_halves) {
  std::mt19937 dice{3};
  recent_worst lag;
  std::deque<std::pair<mono_time, std::chrono::nanoseconds>> all;
  mono_time now{1h};
  auto const worst_of = [&](std::chrono::nanoseconds last) {
    std::chrono::nanoseconds worst{0};
    for (auto const& one : all) {
      if (now - one.first < last) worst = std::max(worst, one.second);
    }
    return worst;
  };
  for (int step = 0; step < 5000; ++step) {
    now += std::chrono::milliseconds{dice() % (step % 50 == 0 ? 90'000 : 4000)};
    std::chrono::nanoseconds const measured{dice() % 1000};
    lag.note(measured, now);
    all.emplace_back(now, measured);
    if (all.size() > 200) all.pop_front();
    ASSERT_GE(lag.get(), worst_of(recent_worst::half)) << step;
    ASSERT_LE(lag.get(), worst_of(3 * recent_worst::half)) << step;
  }
}

}  // namespace
}  // namespace gateway::recent_worst_test
