// A client's writes with unknown outcome make all copies old only a limited number of times, and then only the client's own.
#include "app/state/uncertain_writes.hpp"

#include <gtest/gtest.h>

namespace gateway::test::uncertain_writes_test {
namespace {

using namespace std::chrono_literals;

TEST(uncertain_writes, concern_everybody_so_often_a_minute_for_each_client) {
  uncertain_writes invalidations;
  mono_time const now{1h};
  int believed = 0;
  for (int i = 0; i < 1000; ++i) believed += invalidations.concerns_everybody(1, now) ? 1 : 0;
  EXPECT_EQ(believed, 64);
  EXPECT_TRUE(invalidations.concerns_everybody(2, now)) << "another client has a bound of its own";
  EXPECT_TRUE(invalidations.concerns_everybody(1, now + 1min));
}

}  // namespace
}  // namespace gateway::test::uncertain_writes_test
