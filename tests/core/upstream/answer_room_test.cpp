#include "core/upstream/answer_room.hpp"

#include <gtest/gtest.h>

namespace gateway::answer_room_test {
namespace {

TEST(answer_room, what_is_not_large_counts_nowhere) {
  large_answers all;
  answer_room room{all, {100, 1000, 1000}};
  EXPECT_TRUE(room.fit(0) && room.fit(100) && !room.is_large());
  EXPECT_EQ(all.held(), 0U);
}

TEST(answer_room, a_large_answer_counts_as_a_whole_and_once) {
  large_answers all;
  answer_room room{all, {100, 1000, 1000}};
  EXPECT_TRUE(room.fit(101) && room.fit(300) && room.fit(300) && room.fit(200));
  EXPECT_EQ(all.held(), 300U);
  EXPECT_TRUE(room.is_large());
  EXPECT_EQ(room.most(), 1000U);
}

TEST(answer_room, all_of_them_have_a_bound_and_give_back_what_they_took) {
  large_answers all;
  answer_room first{all, {100, 1000, 1000}};
  EXPECT_TRUE(first.fit(600));
  {
    answer_room second{all, {100, 1000, 1000}};
    EXPECT_TRUE(second.fit(400));
    EXPECT_FALSE(second.fit(401));
    EXPECT_FALSE(first.fit(601));
    EXPECT_EQ(all.held(), 1000U) << "a refusal takes nothing";
  }
  EXPECT_EQ(all.held(), 600U);
  EXPECT_TRUE(first.fit(1000));
}

}  // namespace
}  // namespace gateway::answer_room_test
