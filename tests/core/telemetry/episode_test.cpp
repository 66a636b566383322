// What comes in episodes is told when it begins and when it has ended.
#include "core/telemetry/episode.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gateway::episode_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds span) { return mono_time{1h} + span; }

TEST(episode, begins_with_the_first_and_ends_after_a_quiet_time) {
  episode one;
  EXPECT_FALSE(one.look(5, at(0s))) << "what was before the first look is no news";
  EXPECT_FALSE(one.look(5, at(2s)));
  auto const begun = one.look(9, at(4s));
  ASSERT_TRUE(begun && begun->begun);
  EXPECT_EQ(begun->count, 4U);
  EXPECT_EQ(begun->lasted, 2s);
  EXPECT_FALSE(one.look(10, at(6s))) << "it goes on";
  EXPECT_FALSE(one.look(10, at(15s))) << "a short pause";
  auto const ended = one.look(10, at(16s));
  ASSERT_TRUE(ended && !ended->begun);
  EXPECT_EQ(ended->count, 5U);
  EXPECT_EQ(ended->lasted, 4s) << "from before the first to the last";
  EXPECT_FALSE(one.look(10, at(60s)));
}

TEST(episode, beginnings_and_ends_alternate_and_their_counts_are_complete) {
  std::minstd_rand random{3};
  episode one;
  std::uint64_t total = 0, counted = 0;
  bool lasts = false;
  one.look(total, at(0s));
  auto now = at(0s);
  for (int i = 0; i < 5000; ++i) {
    now += 2s;
    if (random() % 6 == 0) total += random() % 3;
    auto const change = one.look(total, now);
    if (!change) continue;
    EXPECT_EQ(change->begun, !lasts);
    lasts = change->begun;
    if (!lasts) counted += change->count;
  }
  now += episode::quiet;
  if (auto const last = one.look(total, now)) counted += last->count;
  EXPECT_EQ(counted, total);
}

}  // namespace
}  // namespace gateway::episode_test
