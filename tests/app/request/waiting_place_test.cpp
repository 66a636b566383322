// The limit on requests that wait for the upstream, and the limit on those with unproved credentials.
#include <gtest/gtest.h>

#include <list>

#include "app/request/waiting.hpp"

namespace gateway::test::waiting_place_test {
namespace {

struct waiting_place_test : testing::Test {
  waiting_requests all;
  std::list<waiting_place> taken;

  // Whether there is room for one more request. It keeps its place in either case.
  bool has_room(bool proved, bool guest = false, std::uint64_t most = 4) {
    requester who;
    who.proved = proved;
    who.guest = guest;
    return !taken.emplace_back(all, who).is_one_too_many(most);
  }
};

TEST_F(waiting_place_test, half_of_them_are_never_the_unproved_ones) {
  EXPECT_TRUE(has_room(false));
  EXPECT_TRUE(has_room(true, true)) << "a guest counts as unproved";
  EXPECT_FALSE(has_room(false));
  taken.pop_back();
  EXPECT_TRUE(has_room(true));
  EXPECT_TRUE(has_room(true));
  EXPECT_FALSE(has_room(true)) << "the bound is one for all";
}

TEST_F(waiting_place_test, the_proved_may_have_all_of_them) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(has_room(true));
  EXPECT_FALSE(has_room(true));
  EXPECT_FALSE(has_room(false));
}

TEST_F(waiting_place_test, one_is_left_to_a_newcomer_where_there_is_one) { EXPECT_TRUE(has_room(false, false, 1)); }

TEST_F(waiting_place_test, each_is_given_back) {
  for (int i = 0; i < 4; ++i) has_room(i % 2 == 0);
  taken.clear();
  EXPECT_EQ(all.count, 0U);
  EXPECT_EQ(all.unproved, 0U);
}

}  // namespace
}  // namespace gateway::test::waiting_place_test
