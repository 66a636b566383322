// The places for held readers, and how clients share them.
#include "core/polling/hold_bound.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace gateway::hold_bound_test {
namespace {

std::uint64_t take_all(hold_bound& of, std::uint64_t client) {
  std::uint64_t taken = 0;
  while (of.take(client)) ++taken;
  return taken;
}

TEST(hold_bound, one_client_alone_gets_half) {
  hold_bound places{1000};
  EXPECT_EQ(take_all(places, 1), 500U);
}

TEST(hold_bound, there_is_room_for_the_next_client) {
  hold_bound places{1000};
  EXPECT_EQ(take_all(places, 1), 500U);
  EXPECT_EQ(take_all(places, 2), 250U);
  EXPECT_EQ(take_all(places, 3), 125U);
  EXPECT_EQ(places.held(), 875U);
}

TEST(hold_bound, many_clients_fill_it_and_no_more) {
  hold_bound places{1000};
  for (std::uint64_t client = 0; client < 2000; ++client) places.take(client);
  EXPECT_EQ(places.held(), 1000U);
}

TEST(hold_bound, a_place_that_is_given_back_can_be_taken_again) {
  hold_bound places{2};
  EXPECT_TRUE(places.take(1));
  EXPECT_FALSE(places.take(1));
  places.give_back(1);
  EXPECT_EQ(places.held(), 0U);
  EXPECT_TRUE(places.take(1));
}

TEST(hold_bound, a_bound_of_nothing_holds_nobody) {
  hold_bound places{0};
  EXPECT_FALSE(places.take(1));
}

TEST(hold_bound, a_lower_bound_lets_those_who_are_held_stay) {
  hold_bound places{100};
  EXPECT_EQ(take_all(places, 1), 50U);
  places.set_most(10);
  EXPECT_FALSE(places.take(2));
  for (int i = 0; i < 45; ++i) places.give_back(1);
  EXPECT_TRUE(places.take(2));
}

TEST(hold_bound, any_sequence_keeps_the_counts) {
  std::mt19937_64 random{1};
  hold_bound places{50};
  std::vector<std::uint64_t> held;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0 || held.empty()) {
      auto const client = random() % 20;
      if (places.take(client)) held.push_back(client);
    } else {
      auto const which = random() % held.size();
      places.give_back(held[which]);
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
    }
    ASSERT_EQ(places.held(), held.size());
    ASSERT_LE(places.held(), 50U);
  }
}

}  // namespace
}  // namespace gateway::hold_bound_test
