// One client's writes of unclear end make everybody ask anew so often, and then only the client itself.
#include "app/doubtful_writes.hpp"

#include <gtest/gtest.h>

namespace gateway::test::doubtful_writes_test {
namespace {

using namespace std::chrono_literals;

TEST(doubtful_writes, concern_everybody_so_often_a_minute_for_each_client) {
  doubtful_writes doubts;
  mono_time const now{1h};
  int believed = 0;
  for (int i = 0; i < 1000; ++i) believed += doubts.concerns_everybody(1, now) ? 1 : 0;
  EXPECT_EQ(believed, 64);
  EXPECT_TRUE(doubts.concerns_everybody(2, now)) << "another client has a bound of its own";
  EXPECT_TRUE(doubts.concerns_everybody(1, now + 1min));
}

}  // namespace
}  // namespace gateway::test::doubtful_writes_test
