// Connection slots: in all, and per address.
#include "io/net/connection_limiter.hpp"

#include <gtest/gtest.h>

namespace gateway::test::connection_limiter_test {
namespace {

address_group from(std::uint8_t last) { return group_of_ipv4({192, 0, 2, last}); }

TEST(connection_limiter, so_many_in_all) {
  connection_limiter limiter{2, 0, {}};
  EXPECT_FALSE(limiter.is_full());
  EXPECT_TRUE(limiter.enter());
  EXPECT_TRUE(limiter.enter());
  EXPECT_TRUE(limiter.is_full());
  EXPECT_FALSE(limiter.enter());
  EXPECT_FALSE(limiter.enter()) << "who was refused takes no place";
  limiter.leave();
  EXPECT_TRUE(limiter.enter());
}

TEST(connection_limiter, a_lower_limit_counts_for_those_who_come) {
  connection_limiter limiter{3, 0, {}};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.enter());
  limiter.set_limit(2);
  limiter.leave();
  EXPECT_FALSE(limiter.enter());
  limiter.leave();
  EXPECT_TRUE(limiter.enter());
}

TEST(connection_limiter, so_many_of_each_address) {
  connection_limiter limiter{100, 2, {}};
  for (std::uint8_t const address : {1, 2}) {
    EXPECT_TRUE(limiter.enter(from(address)));
    EXPECT_TRUE(limiter.enter(from(address)));
    EXPECT_FALSE(limiter.enter(from(address)));
  }
  limiter.leave(from(1));
  EXPECT_FALSE(limiter.enter(from(2)));
  EXPECT_TRUE(limiter.enter(from(1)));
}

TEST(connection_limiter, without_a_bound_an_address_may_have_all) {
  connection_limiter limiter{1, 0, {}};
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limiter.enter(from(1)));
  limiter.leave(from(1));
}

}  // namespace
}  // namespace gateway::test::connection_limiter_test
