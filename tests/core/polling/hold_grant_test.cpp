// How long a reader is held.
#include "core/polling/hold_grant.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace gateway::hold_grant_test {
namespace {

using namespace std::chrono_literals;
constexpr mono_time begun{100s};
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

TEST(hold_grant, the_shorter_of_preference_and_setting_counts) {
  EXPECT_EQ(grant_hold(10s, 25s, {}, begun, 0)->end, begun + 10s);
  EXPECT_EQ(grant_hold(10s, 25s, {}, begun, 0)->wait, 10s);
  EXPECT_EQ(grant_hold(60s, 25s, {}, begun, 0)->end, begun + 25s);
  EXPECT_EQ(grant_hold(60s, 25s, {}, begun, 0)->wait, 25s);
}

TEST(hold_grant, a_shorter_deadline_of_the_client_ends_it) {
  auto const held = grant_hold(10s, 25s, 2s, begun, 0);
  EXPECT_EQ(held->end, begun + 2s);
  EXPECT_EQ(held->wait, 10s) << "the preference was applied all the same";
  EXPECT_EQ(grant_hold(10s, 25s, 30s, begun, 0)->end, begun + 10s);
}

TEST(hold_grant, the_end_lies_in_the_last_sixteenth) {
  std::mt19937_64 random{1};
  mono_time first = begun + 16s, last = begun;
  for (int i = 0; i < 1000; ++i) {
    auto const end = grant_hold(16s, 25s, {}, begun, random())->end;
    EXPECT_GE(end, begun + 15s);
    EXPECT_LE(end, begun + 16s);
    first = std::min(first, end);
    last = std::max(last, end);
  }
  EXPECT_GT(last - first, 900ms) << "spread over all of it";
  EXPECT_GE(grant_hold(16s, 25s, {}, begun, most)->end, begun + 15s);
}

TEST(hold_grant, the_operator_can_turn_it_off) { EXPECT_FALSE(grant_hold(10s, 0s, {}, begun, 0)); }

TEST(hold_grant, a_part_of_a_second_is_said_as_a_whole_one) { EXPECT_EQ(grant_hold(10s, 300ms, {}, begun, 0)->wait, 1s); }

}  // namespace
}  // namespace gateway::hold_grant_test
