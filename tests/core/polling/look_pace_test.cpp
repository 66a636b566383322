// When a watch looks.
#include "core/polling/look_pace.hpp"

#include <gtest/gtest.h>

namespace gateway::look_pace_test {
namespace {

using namespace std::chrono_literals;
constexpr mono_time begun{1000s};

TEST(look_pace, follows_the_schedule) {
  look_pace const pace{begun};
  EXPECT_EQ(pace.due(begun + 40s, 5s), begun + 40s);
  EXPECT_EQ(pace.due(begun - 1s, 5s), begun - 1s) << "it is overdue";
}

TEST(look_pace, without_a_schedule_it_looks_in_steps_of_a_second_at_least) {
  look_pace const pace{begun};
  EXPECT_EQ(pace.due({}, 5s), begun + 5s);
  EXPECT_EQ(pace.due({}, 0s), begun + 1s);
}

TEST(look_pace, after_a_look_it_waits_as_long_as_that_says) {
  look_pace pace{begun};
  pace.looked(begun + 10s, 30s);
  EXPECT_EQ(pace.due(begun, 5s), begun + 40s);
  EXPECT_EQ(pace.due({}, 5s), begun + 40s);
  EXPECT_EQ(pace.due(begun + 50s, 5s), begun + 50s);
}

TEST(look_pace, never_spins) {
  look_pace pace{begun};
  pace.looked(begun, 0s);
  EXPECT_EQ(pace.due(begun, 0s), begun + 100ms);
}

TEST(look_pace, gives_way_twice_then_queues) {
  look_pace pace{begun};
  EXPECT_TRUE(pace.gives_way());
  pace.denied(begun);
  EXPECT_EQ(pace.due(begun, 5s), begun + 100ms) << "there may be room soon";
  EXPECT_TRUE(pace.gives_way());
  pace.denied(begun + 100ms);
  EXPECT_EQ(pace.due(begun, 5s), begun + 1100ms);
  EXPECT_FALSE(pace.gives_way());
  pace.looked(begun + 2s, 0s);
  EXPECT_TRUE(pace.gives_way());
}

}  // namespace
}  // namespace gateway::look_pace_test
