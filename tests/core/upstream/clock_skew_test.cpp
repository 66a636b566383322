#include "core/upstream/clock_skew.hpp"

#include <gtest/gtest.h>

namespace gateway::clock_skew_test {
namespace {

using namespace std::chrono_literals;

TEST(clock_skew, only_what_the_whole_seconds_and_the_exchange_cannot_explain_is_a_difference) {
  struct row {
    std::chrono::milliseconds sent, received;  // by this clock, after the upstream's Date
    std::chrono::milliseconds skew;
  };
  static constexpr row rows[] = {
      {0ms, 0ms, 0ms},  {0ms, 999ms, 0ms},     {1000ms, 1200ms, 0ms},    {1500ms, 1600ms, 500ms},
      {61s, 61s, 60s},  {-100ms, 0ms, 0ms},    {-100ms, -50ms, -50ms},   {-30s, -29500ms, -29500ms},
      {-30s, 30s, 0ms}, {3600s, 3605s, 3599s}, {-3600s, -3595s, -3595s},
  };
  auto const date = *parse_rfc3339("2026-11-30T12:00:00Z");
  for (auto const& one : rows) {
    auto const skew = clock_skew("Mon, 30 Nov 2026 12:00:00 GMT", date + one.sent, date + one.received);
    EXPECT_EQ(skew, one.skew) << one.sent.count() << " " << one.received.count();
  }
}

TEST(clock_skew, what_is_no_date_says_nothing) {
  for (auto const* text : {"", "yesterday", "Mon, 30 Nov 2026 12:00:00"})
    EXPECT_EQ(clock_skew(text, wall_time{1h}, wall_time{1h}), std::nullopt);
}

}  // namespace
}  // namespace gateway::clock_skew_test
