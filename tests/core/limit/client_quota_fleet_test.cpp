// A client's quota as a gateway of a fleet counts it: what it asks the engine for, what it gives back, and what it has alone.
#include <gtest/gtest.h>

#include "core/limit/client_quota.hpp"

namespace gateway::test::client_quota_fleet_test {
namespace {

using namespace std::chrono_literals;
using kind = quota_decision::kind;

// 2026-11-30 12:00 UTC.
const instant noon{mono_time{1000h}, wall_time{std::chrono::seconds{1'796'040'000}}};
constexpr std::int64_t this_hour = 1'796'040'000 / 3600;

instant after(std::chrono::nanoseconds span) { return {noon.mono + span, noon.wall + span}; }

// How many of `attempts` are allowed.
std::uint64_t allowed(client_quota& quota, const instant& now, int attempts) {
  std::uint64_t count = 0;
  for (int i = 0; i < attempts; ++i) count += quota.take(now).is == kind::allowed ? 1 : 0;
  return count;
}

constexpr fleet_state shared{fleet_state::is::shared, 3};
constexpr fleet_state alone{fleet_state::is::alone, 3};

client_quota in_fleet(std::uint64_t calls) {
  client_quota quota{{calls, 1h}};
  quota.set_fleet(shared);
  return quota;
}

// The engine's word a moment after noon.
void hears(client_quota& quota, const quota_word& word) { quota.take_word(word, noon.mono, noon.mono + 1ms); }

TEST(client_quota_in_fleet, the_engine_is_asked_and_what_it_gave_is_used) {
  auto quota = in_fleet(100);
  EXPECT_TRUE(quota.take(noon).is == kind::unknown);
  EXPECT_TRUE(quota.has_report(1));
  auto const report = quota.report(1);
  EXPECT_EQ(report.wanted, 1U);
  EXPECT_EQ(report.holds, 0U);
  hears(quota, {this_hour, 3, 90, 1h});
  EXPECT_EQ(allowed(quota, after(1s), 10), 3U);
  auto const next = quota.take(after(1s));
  EXPECT_TRUE(next.is == kind::unknown);
  EXPECT_EQ(next.left, 90U);
}

TEST(client_quota_in_fleet, more_is_asked_for_before_the_last_call_is_taken) {
  auto quota = in_fleet(1000);
  hears(quota, {this_hour, 8, 900, 1h});
  EXPECT_EQ(allowed(quota, after(1s), 5), 5U);
  EXPECT_FALSE(quota.has_report(0));
  EXPECT_EQ(allowed(quota, after(1s), 1), 1U);
  ASSERT_TRUE(quota.has_report(0)) << "a quarter is left";
  auto const report = quota.report(0);
  EXPECT_EQ(report.holds, 8U) << "it is used on while the report is under way";
  EXPECT_EQ(report.ahead, 12U) << "twice of what was taken";
  EXPECT_FALSE(quota.has_report(0)) << "once";
}

TEST(client_quota_in_fleet, an_engine_that_has_none_is_not_asked_for_each_request) {
  auto quota = in_fleet(10);
  hears(quota, {this_hour, 0, 0, 1h});
  EXPECT_TRUE(quota.take(after(2ms)).is == kind::refused);
  EXPECT_TRUE(quota.take(after(900ms)).is == kind::refused);
  EXPECT_TRUE(quota.take(after(1100ms)).is == kind::unknown) << "another gateway may have given some back";
}

TEST(client_quota_in_fleet, what_is_not_used_is_given_back) {
  auto quota = in_fleet(100);
  hears(quota, {this_hour, 8, 50, 1h});
  EXPECT_EQ(allowed(quota, after(1s), 2), 2U);
  quota.beat();
  EXPECT_FALSE(quota.has_report(0)) << "it was used a moment ago";
  quota.beat();
  ASSERT_TRUE(quota.has_report(0));
  EXPECT_EQ(quota.report(0).holds, 2U);
  EXPECT_TRUE(quota.take(after(2s)).is == kind::unknown) << "the engine may have given them to others";
}

TEST(client_quota_in_fleet, whoever_leaves_gives_back_at_once_and_asks_for_nothing) {
  auto quota = in_fleet(1000);
  hears(quota, {this_hour, 8, 900, 1h});
  EXPECT_EQ(allowed(quota, after(1s), 6), 6U);
  EXPECT_TRUE(quota.has_report(0)) << "more would be asked for";
  quota.leave();
  ASSERT_TRUE(quota.has_report(3));
  auto const last = quota.report(3);
  EXPECT_EQ(last.holds, 6U);
  EXPECT_EQ(last.wanted + last.ahead, 0U);
  hears(quota, {this_hour, 6, 902, 1h});
  EXPECT_FALSE(quota.has_report(3)) << "that was all";
}

TEST(client_quota_in_fleet, now_and_then_the_engine_hears_what_was_used) {
  auto quota = in_fleet(100);
  hears(quota, {this_hour, 1, 50, 1h});
  EXPECT_EQ(allowed(quota, after(1s), 1), 1U);
  static_cast<void>(quota.report(0));  // more are asked for
  for (unsigned i = 1; i < client_quota::beats_to_tell; ++i) quota.beat();
  EXPECT_FALSE(quota.has_report(0));
  quota.beat();
  ASSERT_TRUE(quota.has_report(0));
  EXPECT_EQ(quota.report(0).holds, 1U);
  EXPECT_FALSE(quota.has_report(0));
}

TEST(client_quota_in_fleet, a_word_about_a_window_that_has_ended_counts_for_nothing) {
  auto quota = in_fleet(100);
  quota.take_word({this_hour, 8, 50, 100ms}, noon.mono, noon.mono + 101ms);
  EXPECT_TRUE(quota.take(after(102ms)).is == kind::unknown);
  hears(quota, {this_hour, 8, 50, 1s});
  EXPECT_TRUE(quota.take(after(999ms)).is == kind::allowed);
  EXPECT_TRUE(quota.take(after(1s)).is == kind::unknown) << "the engine's window ends by the engine's clock";
}

TEST(client_quota_in_fleet, no_word_of_the_engine_gives_more_than_the_quota_or_a_window_without_end) {
  auto quota = in_fleet(4);
  hears(quota, {this_hour, 1U << 30, 1U << 30, std::chrono::hours{24 * 31}});
  EXPECT_EQ(allowed(quota, after(1s), 10), 4U);
  EXPECT_LE(quota.look(after(1s)).resets_in, 2h);
}

TEST(client_quota_in_fleet, its_own_wall_clock_begins_no_window_while_it_is_alone) {
  client_quota quota{{30, 1h}};
  quota.set_fleet(shared);
  hears(quota, {this_hour, 10, 5, 1h});
  EXPECT_EQ(allowed(quota, after(1s), 10), 10U);
  quota.set_fleet(alone);
  instant const ahead{noon.mono + 2s, noon.wall + 3h};
  EXPECT_EQ(allowed(quota, ahead, 10), 0U) << "what the engine gave is used, and its window has not ended";
  quota.set_fleet(shared);
  EXPECT_EQ(quota.report(0).holds, 10U) << "the engine hears what was used";
  EXPECT_EQ(allowed(quota, ahead, 1), 0U);
  quota.set_fleet(alone);
  instant const next{noon.mono + 1h + 1s, noon.wall - 5h};
  EXPECT_EQ(allowed(quota, next, 20), 10U) << "its part of the next window";
  EXPECT_EQ(quota.report(0).window, this_hour + 1);
}

TEST(client_quota_in_fleet, a_window_that_began_a_moment_before_the_engine_s_waits_for_it) {
  auto quota = in_fleet(100);
  quota.take_word({this_hour, 4, 0, 1h}, noon.mono, noon.mono + 15ms);
  EXPECT_EQ(allowed(quota, after(1s), 4), 4U);
  EXPECT_TRUE(quota.take(after(1h)).is == kind::unknown) << "a new window here";
  EXPECT_EQ(quota.report(1).window, this_hour + 1);
  quota.take_word({this_hour, 4, 0, 14ms}, after(1h).mono, after(1h).mono);
  EXPECT_TRUE(quota.take(after(1h + 1ms)).is == kind::unknown) << "what it held before is no call of this window";
  quota.take_word({this_hour + 1, 1, 99, 1h}, after(1h + 20ms).mono, after(1h + 20ms).mono);
  EXPECT_EQ(allowed(quota, after(1h + 21ms), 3), 1U);
}

TEST(client_quota_in_fleet, alone_it_has_its_part_or_what_the_engine_gave_it) {
  auto quota = in_fleet(9);
  quota.set_fleet(alone);
  EXPECT_EQ(allowed(quota, noon, 20), 3U) << "a third";
  EXPECT_TRUE(quota.take(noon).is == kind::refused);
  auto rich = in_fleet(9);
  hears(rich, {this_hour, 5, 4, 1h});
  EXPECT_EQ(allowed(rich, after(1s), 2), 2U);
  rich.set_fleet(alone);
  EXPECT_EQ(allowed(rich, after(1s), 20), 3U) << "five, the used ones included";
  auto tiny = in_fleet(1);
  tiny.set_fleet(alone);
  EXPECT_EQ(allowed(tiny, noon, 20), 1U) << "one at least";
}

TEST(client_quota_in_fleet, what_it_used_alone_it_reports) {
  auto quota = in_fleet(9);
  quota.set_fleet(alone);
  EXPECT_EQ(allowed(quota, noon, 2), 2U);
  EXPECT_FALSE(quota.has_report(0));
  quota.set_fleet(shared);
  ASSERT_TRUE(quota.has_report(0));
  auto const report = quota.report(0);
  EXPECT_EQ(report.window, this_hour);
  EXPECT_EQ(report.holds, 2U);
}

TEST(client_quota_in_fleet, a_request_that_cannot_wait_for_the_engine_has_a_part) {
  auto quota = in_fleet(9);
  EXPECT_TRUE(quota.take(noon).is == kind::unknown);
  EXPECT_TRUE(quota.take(noon, true).is == kind::allowed);
}

}  // namespace
}  // namespace gateway::test::client_quota_fleet_test
