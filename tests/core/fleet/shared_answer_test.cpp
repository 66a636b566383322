// An answer comes out as it went in, and no damage makes it another one. Its age is the engine's, within bounds.
#include "core/fleet/shared_answer.hpp"

#include <gtest/gtest.h>

#include "core/cache/freshness.hpp"
#include "upstream/answers.hpp"

namespace gateway::test::shared_answer_test {
namespace {

using namespace std::chrono_literals;

wall_time at(std::chrono::nanoseconds since) { return wall_time{since}; }

std::string packed() { return pack(42, at(100s), at(101s), made_answer(404, error_body(17001), {{"Retry-After", "5"}, {"X-Empty", ""}})); }

TEST(shared_answer, comes_out_as_it_went_in) {
  auto const one = unpack(packed());
  ASSERT_TRUE(one);
  EXPECT_EQ(one->version, 42U);
  EXPECT_EQ(one->asked_at, at(100s));
  EXPECT_EQ(one->came_at, at(101s));
  EXPECT_EQ(one->answer.status, 404);
  EXPECT_EQ(one->answer.body, error_body(17001));
  ASSERT_EQ(one->answer.fields.size(), 3U);
  EXPECT_EQ(one->answer.field("retry-after"), "5");
  EXPECT_EQ(one->answer.fields[2].name, "X-Empty");
  EXPECT_EQ(one->answer.fields[2].value, "");
}

TEST(shared_answer, says_whether_there_was_a_partial_beside_it) {
  EXPECT_FALSE(unpack(packed())->has_partial);
  EXPECT_TRUE(unpack(pack(42, at(100s), at(101s), made_answer(404, error_body(17001)), true))->has_partial);
}

TEST(shared_answer, its_fields_survive_a_move) {
  auto first = unpack(packed());
  auto const second = std::move(first);
  EXPECT_EQ(second->answer.field("Content-Type"), "application/json");
}

TEST(shared_answer, what_is_cut_or_of_another_format_is_none) {
  auto const whole = packed();
  auto const head = whole.size() - error_body(17001).size();
  for (std::size_t length = 0; length < head; ++length) EXPECT_FALSE(unpack(whole.substr(0, length))) << length;
  auto other = whole;
  other[0] = 3;
  EXPECT_FALSE(unpack(other));
  auto long_name = whole;
  long_name[29] = '\xff';  // the size of the first field's name
  EXPECT_FALSE(unpack(long_name));
}

TEST(shared_answer, its_age_is_counted_by_the_engine) {
  auto const one = unpack(packed());
  instant const here{mono_time{1h}, at(500'000s)};
  auto const arrived = arrival_of(*one, at(111s), here);
  EXPECT_EQ(here.mono - arrived.came.mono, 10s);
  EXPECT_EQ(here.wall - arrived.came.wall, 10s);
  EXPECT_EQ(here.mono - arrived.asked_at, 11s);
}

TEST(shared_answer, an_engine_that_is_wrong_about_the_time_makes_no_strange_age) {
  auto one = *unpack(packed());
  instant const here{mono_time{1h}, at(500'000s)};
  EXPECT_EQ(arrival_of(one, at(1s), here).came.mono, here.mono) << "from the future: it came just now";
  EXPECT_EQ(here.mono - arrival_of(one, wall_time::max(), here).came.mono, record_lifetime);
  one.asked_at = wall_time::min();
  EXPECT_EQ(here.mono - arrival_of(one, at(101s), here).asked_at, record_lifetime);
  one.asked_at = wall_time::max();
  EXPECT_EQ(arrival_of(one, at(101s), here).asked_at, here.mono);
  one.asked_at = wall_time::min();
  one.came_at = wall_time::min() + 1s;
  EXPECT_EQ(here.mono - arrival_of(one, at(101s), here).asked_at, record_lifetime + 1s) << "no sum overflows";
}

}  // namespace
}  // namespace gateway::test::shared_answer_test
