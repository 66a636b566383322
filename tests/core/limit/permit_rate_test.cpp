// The rate at which permits are granted.
#include "core/limit/permit_rate.hpp"

#include <gtest/gtest.h>

namespace gateway::test::permit_rate_test {
namespace {

using namespace std::chrono_literals;

struct permit_rate_test : testing::Test {
  void grant(int times, std::chrono::nanoseconds apart) {
    for (int i = 0; i < times; ++i) {
      now += apart;
      pace.granted(now);
    }
  }
  mono_time now{1h};
  permit_rate pace;
};

TEST_F(permit_rate_test, nothing_is_known_before_enough_were_seen) {
  grant(16, 100ms);
  EXPECT_EQ(pace.between(), std::nullopt) << "seventeen permits have sixteen pauses between them";
  grant(1, 100ms);
  EXPECT_EQ(pace.between(), 100ms);
}

TEST_F(permit_rate_test, it_follows_what_happens) {
  grant(17, 100ms);
  grant(100, 10ms);
  ASSERT_TRUE(pace.between());
  EXPECT_GE(*pace.between(), 10ms);
  EXPECT_LT(*pace.between(), 11ms);
}

TEST_F(permit_rate_test, one_stall_among_many_permits_is_not_the_rate) {
  grant(100, 10ms);
  grant(1, 500ms);
  EXPECT_LT(*pace.between(), 50ms);
}

TEST_F(permit_rate_test, a_cool_down_is_not_counted) {
  grant(17, 10ms);
  pace.interrupted(now + 30s);
  now += 30s;
  grant(2, 10ms);
  EXPECT_EQ(pace.between(), 10ms);
}

TEST_F(permit_rate_test, the_time_without_a_permit_counts_from_when_a_request_waits_and_from_the_end_of_a_pause) {
  pace.interrupted(now + 30s);
  EXPECT_EQ(pace.as_if_granted(now + 90s).mean(), 0s) << "nobody waits";
  pace.waits(now);
  pace.waits(now + 2s);
  EXPECT_EQ(pace.as_if_granted(now + 3s).mean(), 3s);
  pace.interrupted(now + 30s);
  EXPECT_EQ(pace.as_if_granted(now + 30s).mean(), 0s);
  EXPECT_EQ(pace.as_if_granted(now + 31s).mean(), 1s);
  EXPECT_EQ(pace.between(), std::nullopt);
}

TEST_F(permit_rate_test, what_was_is_forgotten) {
  grant(100, 10ms);
  pace.forget();
  grant(2, 10ms);
  EXPECT_EQ(pace.between(), std::nullopt);
}

TEST_F(permit_rate_test, a_stall_that_lasts_is_told_before_it_ends) {
  grant(100, 10ms);
  EXPECT_EQ(pace.as_if_granted(now + 5ms).between(), pace.between());
  EXPECT_GT(pace.as_if_granted(now + 10s).mean(), 500ms);
  EXPECT_EQ(*pace.between(), 10ms) << "it is no permit";
  grant(1, 10s);
  EXPECT_GT(*pace.between(), 500ms);
}

}  // namespace
}  // namespace gateway::test::permit_rate_test
