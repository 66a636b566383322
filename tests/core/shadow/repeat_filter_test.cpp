// Which requests the shadow does not have to see.
#include "core/shadow/repeat_filter.hpp"

#include <gtest/gtest.h>

namespace gateway::shadow_test {
namespace {

using namespace std::chrono_literals;

constexpr mono_time later(std::chrono::nanoseconds span) { return mono_time{1h} + span; }

constexpr std::uint64_t one_call = 7;  // all who ask for it are in one set of the table
constexpr std::uint64_t other_call = one_call | 1ULL << 63;

TEST(repeat_filter, a_repeat_is_the_same_within_the_time) {
  repeat_filter seen;
  EXPECT_FALSE(seen.is_repeat(one_call, 7, later(0s), 2s));
  EXPECT_TRUE(seen.is_repeat(one_call, 7, later(1s), 2s));
  EXPECT_TRUE(seen.is_repeat(one_call, 7, later(1700ms), 2s));
  EXPECT_FALSE(seen.is_repeat(one_call, 7, later(2s), 2s)) << "the time counts from the last one that was shown";
  EXPECT_TRUE(seen.is_repeat(one_call, 7, later(3s), 2s));
  EXPECT_FALSE(seen.is_repeat(one_call, 7, later(3s), 0s));
}

TEST(repeat_filter, a_full_set_forgets_what_it_was_shown_first) {
  repeat_filter seen;
  for (std::uint64_t n = 0; n < repeat_filter::ways; ++n) EXPECT_FALSE(seen.is_repeat(one_call, n, later(n * 1s), 60s));
  EXPECT_TRUE(seen.is_repeat(one_call, 0, later(20s), 60s)) << "the set has room for all of them";
  EXPECT_FALSE(seen.is_repeat(one_call, 99, later(21s), 60s)) << "one more than the set has room for";
  EXPECT_TRUE(seen.is_repeat(one_call, 1, later(22s), 60s)) << "shown later than the first one";
  EXPECT_FALSE(seen.is_repeat(one_call, 0, later(23s), 60s)) << "the first one was forgotten";
  EXPECT_FALSE(seen.is_repeat(other_call, 0, later(23s), 60s)) << "in a set of its own";
  EXPECT_TRUE(seen.is_repeat(one_call, 0, later(24s), 60s));
}

TEST(repeat_filter, nearly_all_of_a_sample_s_calls_asked_for_in_turn_are_repeats) {
  repeat_filter seen;
  constexpr std::uint64_t calls = 10'000;
  int shown_again = 0;
  for (int round = 0; round < 2; ++round)
    for (std::uint64_t n = 1; n <= calls; ++n)
      if (!seen.is_repeat(n * 0x9E37'79B9'7F4A'7C15U, 1, later(round * 1s), 2s) && round > 0) ++shown_again;
  EXPECT_LT(shown_again, 10);
}

TEST(repeat_filter, counts_on_when_its_ticks_wrap) {
  repeat_filter seen;
  auto const wrap = mono_time{repeat_filter::tick{1 << 16}};
  EXPECT_FALSE(seen.is_repeat(one_call, 7, wrap - 1ms, 2s));
  EXPECT_TRUE(seen.is_repeat(one_call, 7, wrap + 1s, 2s));
  EXPECT_FALSE(seen.is_repeat(one_call, 7, wrap + 2s, 2s));
}

}  // namespace
}  // namespace gateway::shadow_test
