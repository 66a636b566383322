// Which requests the shadow does not have to see.
#include "core/shadow/repeat_filter.hpp"

#include <gtest/gtest.h>

namespace gateway::shadow_test {
namespace {

using namespace std::chrono_literals;

constexpr mono_time later(std::chrono::nanoseconds span) { return mono_time{1h} + span; }

TEST(repeat_filter, a_repeat_is_the_same_within_the_time) {
  repeat_filter seen;
  EXPECT_FALSE(seen.is_repeat(7, later(0s), 2s));
  EXPECT_TRUE(seen.is_repeat(7, later(1s), 2s));
  EXPECT_TRUE(seen.is_repeat(7, later(1999ms), 2s));
  EXPECT_FALSE(seen.is_repeat(7, later(2s), 2s)) << "the time counts from the last one that was shown";
  EXPECT_TRUE(seen.is_repeat(7, later(3s), 2s));
  EXPECT_FALSE(seen.is_repeat(7, later(3s), 0s));
}

TEST(repeat_filter, a_collision_shows_one_request_more) {
  repeat_filter seen;
  EXPECT_FALSE(seen.is_repeat(7, later(0s), 2s));
  EXPECT_FALSE(seen.is_repeat(8, later(0s), 2s)) << "in the slot of the first one";
  EXPECT_FALSE(seen.is_repeat(7, later(0s), 2s));
  EXPECT_FALSE(seen.is_repeat(7 | 1ULL << 60, later(0s), 2s)) << "in a slot of its own";
  EXPECT_TRUE(seen.is_repeat(7, later(0s), 2s));
}

TEST(repeat_filter, counts_on_when_its_milliseconds_wrap) {
  repeat_filter seen;
  auto const wrap = mono_time{std::chrono::milliseconds{std::uint64_t{1} << 32}};
  EXPECT_FALSE(seen.is_repeat(7, wrap - 1ms, 2s));
  EXPECT_TRUE(seen.is_repeat(7, wrap + 1s, 2s));
  EXPECT_FALSE(seen.is_repeat(7, wrap + 2s, 2s));
}

}  // namespace
}  // namespace gateway::shadow_test
