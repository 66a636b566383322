// A client's quota as one gateway counts it: what is allowed, when a refused client is served again, and what a reload leaves of it.
#include "core/limit/client_quota.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "core/limit/quota_fields.hpp"

namespace gateway::test::client_quota_test {
namespace {

using namespace std::chrono_literals;
using kind = quota_decision::kind;

// 2026-11-30 12:00 UTC.
const instant noon{mono_time{1000h}, wall_time{std::chrono::seconds{1'796'040'000}}};

instant after(std::chrono::nanoseconds span) { return {noon.mono + span, noon.wall + span}; }

client_quota of(std::uint64_t calls, std::chrono::nanoseconds per) { return client_quota{{calls, per}}; }

// How many of `attempts` are allowed.
std::uint64_t allowed(client_quota& quota, const instant& now, int attempts) {
  std::uint64_t count = 0;
  for (int i = 0; i < attempts; ++i) count += quota.take(now).is == kind::allowed ? 1 : 0;
  return count;
}

TEST(client_quota, a_window_has_so_many_calls_and_the_next_one_has_them_again) {
  auto quota = of(3, 1h);
  EXPECT_EQ(allowed(quota, noon, 10), 3U);
  EXPECT_EQ(allowed(quota, after(59min + 59s), 10), 0U);
  EXPECT_EQ(allowed(quota, after(1h), 10), 3U);
}

TEST(client_quota, windows_are_those_of_the_clock) {
  auto quota = of(3, 1h);
  auto const first = quota.take(after(45min));
  EXPECT_EQ(first.resets_in, 15min) << "it begins at the full hour, whenever the first call comes";
  EXPECT_EQ(first.left, 2U);
  EXPECT_EQ(allowed(quota, after(46min), 5), 2U);
  EXPECT_EQ(allowed(quota, after(1h), 5), 3U);
  auto daily = of(1, 24h);
  EXPECT_EQ(daily.take(noon).resets_in, 12h) << "at midnight, UTC";
}

TEST(client_quota, a_refusal_says_when_and_is_the_first_once) {
  auto quota = of(1, 10s);
  EXPECT_TRUE(quota.take(noon).is == kind::allowed);
  auto const refused = quota.take(after(2500ms));
  EXPECT_TRUE(refused.is == kind::refused);
  EXPECT_EQ(refused.resets_in, 7500ms);
  EXPECT_EQ(retry_after_of(refused), 8s) << "never too soon";
  EXPECT_TRUE(refused.is_first);
  EXPECT_FALSE(quota.take(after(3s)).is_first);
  EXPECT_TRUE(quota.take(after(10s)).is == kind::allowed);
  EXPECT_TRUE(quota.take(after(11s)).is_first) << "of another window";
}

TEST(client_quota, looking_takes_nothing_and_hides_no_first_refusal) {
  auto quota = of(1, 1h);
  EXPECT_TRUE(quota.look(noon).is == kind::allowed);
  EXPECT_EQ(quota.look(noon).left, 1U);
  EXPECT_TRUE(quota.take(noon).is == kind::allowed);
  EXPECT_TRUE(quota.look(noon).is == kind::refused);
  EXPECT_TRUE(quota.take(noon).is_first);
  EXPECT_EQ(quota.look(after(1h)).left, 1U);
}

TEST(client_quota, a_call_that_was_not_made_is_given_back_to_its_own_window) {
  auto quota = of(2, 1h);
  auto const first = quota.take(noon);
  quota.give_back(first.window);
  EXPECT_EQ(allowed(quota, noon, 5), 2U);
  EXPECT_EQ(allowed(quota, after(1h), 1), 1U);
  quota.give_back(first.window);
  EXPECT_EQ(allowed(quota, after(1h), 5), 1U);
}

TEST(client_quota, the_same_window_keeps_what_was_used_by_another_number) {
  auto quota = of(5, 1h);
  EXPECT_EQ(allowed(quota, noon, 3), 3U);
  quota.set_rule({4, 1h});
  EXPECT_EQ(allowed(quota, noon, 5), 1U);
  quota.set_rule({2, 1h});
  EXPECT_EQ(quota.look(noon).left, 0U);
  EXPECT_EQ(allowed(quota, noon, 5), 0U);
  quota.set_rule({10, 1h});
  EXPECT_EQ(allowed(quota, noon, 20), 6U) << "four of ten are used";
  quota.set_rule({10, 2h});
  EXPECT_EQ(allowed(quota, noon, 20), 10U) << "another window";
}

TEST(client_quota, a_wall_clock_that_is_set_gives_no_more_than_a_window_and_locks_nobody_out_for_long) {
  auto quota = of(2, 1h);
  EXPECT_EQ(allowed(quota, after(1min), 5), 2U);
  instant const set_back{after(2min).mono, noon.wall - 24h};
  EXPECT_EQ(allowed(quota, set_back, 5), 0U) << "its window ends by the other clock";
  instant const a_moment_behind{after(1h).mono, noon.wall + 1h - 20ms};
  EXPECT_EQ(allowed(quota, a_moment_behind, 5), 2U);
  EXPECT_EQ(quota.take(a_moment_behind).resets_in, 1h + 20ms);
  instant const set_forward{after(61min).mono, noon.wall + 48h};
  EXPECT_EQ(allowed(quota, set_forward, 5), 2U);
}

// Beside a count of each window: never more than there are, refused only when they are used up, and served when it was promised.
TEST(client_quota, any_sequence_is_that_of_a_count_for_each_window) {
  std::mt19937 random{7};
  std::uint64_t refusals = 0;
  for (int run = 0; run < 200; ++run) {
    quota_rule const rule{1 + random() % 6, std::chrono::seconds{1 + random() % 20}};
    client_quota quota{rule};
    std::map<std::int64_t, std::uint64_t> counts;
    std::chrono::nanoseconds at{random() % 1'000'000'000};
    for (int step = 0; step < 200; ++step) {
      at += std::chrono::milliseconds{random() % 2500};
      auto const now = after(at);
      auto& count = counts[now.wall.time_since_epoch() / rule.per];
      auto const made = quota.take(now);
      ASSERT_EQ(made.is == kind::allowed, count < rule.calls) << "run " << run << ", step " << step;
      if (made.is == kind::allowed) ++count;
      ASSERT_EQ(made.left, rule.calls - count);
      if (made.is != kind::refused) {
        if (random() % 5 == 0) quota.give_back(made.window), --count;
        continue;
      }
      ++refusals;
      auto then = quota;
      ASSERT_TRUE(then.take(after(at + retry_after_of(made))).is == kind::allowed);
      ASSERT_FALSE(quota.look(after(at + made.resets_in - 1ns)).is == kind::allowed) << "nor later than it could be";
    }
  }
  EXPECT_GT(refusals, 1000U);
}

TEST(client_quota_fields, show_the_quota_what_is_left_and_until_when) {
  std::string out;
  auto quota = of(20, 1h);
  append_quota(out, quota.take(after(59min + 500ms)));
  EXPECT_EQ(out, "RateLimit-Policy: \"quota\";q=20;w=3600\r\nRateLimit: \"quota\";r=19;t=60\r\n");
}

}  // namespace
}  // namespace gateway::test::client_quota_test
