#include "core/telemetry/latency_profile.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <numeric>
#include <utility>
#include <vector>

namespace gateway::latency_profile_test {
namespace {

using namespace std::chrono_literals;
using spent = std::vector<std::pair<hop, std::chrono::nanoseconds>>;

void answer(worker_counters& counters, outcome ended, const spent& hops) {
  request_record one;
  one.ended = ended;
  one.status = 200;
  mono_time now{};
  one.hops = hop_ledger{hops.front().first, now};
  for (auto const& [which, span] : hops) {
    one.hops.enter(which, now);
    now += span;
  }
  one.hops.stop(now);
  account(counters, one);
}

profile_sums sums(const worker_counters& counters) {
  auto const totals = std::make_unique<counter_totals>();
  add_to(*totals, counters);
  return profile_of(*totals);
}

std::chrono::nanoseconds of(const latency_profile& found, hop which) { return found.hops[static_cast<std::size_t>(which)]; }

// 9,998 hits of 20 µs, one miss of 140 ms, and one request that took 3 s to connect.
profile_sums a_crowd_and_a_stall() {
  auto const counters = std::make_unique<worker_counters>();
  for (int i = 0; i < 9'998; ++i) answer(*counters, outcome::hit, {{hop::lookup, 12us}, {hop::write, 8us}});
  answer(*counters, outcome::miss, {{hop::lookup, 30us}, {hop::first_byte, 140ms}, {hop::write, 20us}});
  answer(*counters, outcome::miss, {{hop::lookup, 30us}, {hop::connect, 3s}, {hop::first_byte, 100ms}, {hop::write, 20us}});
  return sums(*counters);
}

TEST(latency_profile, of_nothing_is_nothing) { EXPECT_FALSE(profile({}, 0.5)); }

TEST(latency_profile, of_the_median_is_what_most_requests_do) {
  auto const found = profile(a_crowd_and_a_stall(), 0.5);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->requests, 9'998u);
  EXPECT_EQ(found->from, 10us);
  EXPECT_EQ(found->to, 25us);
  EXPECT_EQ(of(*found, hop::lookup), 12us);
  EXPECT_EQ(of(*found, hop::write), 8us);
  EXPECT_EQ(of(*found, hop::first_byte), 0ns);
}

TEST(latency_profile, of_the_slowest_names_the_hop_that_stalled) {
  auto const found = profile(a_crowd_and_a_stall(), 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->requests, 1u);
  EXPECT_EQ(of(*found, hop::connect), 3s);
  EXPECT_EQ(of(*found, hop::first_byte), 100ms);
}

TEST(latency_profile, sums_to_the_average_duration) {
  auto const counters = std::make_unique<worker_counters>();
  answer(*counters, outcome::miss, {{hop::lookup, 1ms}, {hop::first_byte, 150ms}});
  answer(*counters, outcome::coalesced, {{hop::lookup, 1ms}, {hop::flight_wait, 200ms}, {hop::write, 8ms}});
  auto const found = profile(sums(*counters), 0.5);
  ASSERT_TRUE(found);
  EXPECT_EQ(std::accumulate(found->hops.begin(), found->hops.end(), 0ns), (151ms + 209ms) / 2);
}

TEST(latency_profile, has_no_upper_bound_beyond_the_last) {
  auto const counters = std::make_unique<worker_counters>();
  answer(*counters, outcome::failed, {{hop::budget_wait, 40s}});
  auto const found = profile(sums(*counters), 0.99);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->from, 30s);
  EXPECT_EQ(found->to, std::chrono::nanoseconds::max());
  EXPECT_EQ(of(*found, hop::budget_wait), 40s);
}

TEST(latency_profile, is_without_held_readers) {
  auto const counters = std::make_unique<worker_counters>();
  answer(*counters, outcome::held, {{hop::hold, 25s}});
  answer(*counters, outcome::hit, {{hop::lookup, 5us}});
  auto const found = profile(sums(*counters), 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->requests, 1u);
  EXPECT_EQ(of(*found, hop::hold), 0ns);
  EXPECT_EQ(of(*found, hop::lookup), 5us);
}

TEST(latency_profile, between_two_moments_only_what_came_between_them) {
  auto const counters = std::make_unique<worker_counters>();
  answer(*counters, outcome::miss, {{hop::first_byte, 2s}});
  answer(*counters, outcome::hit, {{hop::lookup, 3us}, {hop::write, 6us}});
  auto const before = sums(*counters);
  answer(*counters, outcome::hit, {{hop::lookup, 5us}});
  auto const found = profile(sums(*counters) - before, 1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->requests, 1u);
  EXPECT_EQ(of(*found, hop::lookup), 5us);
  EXPECT_EQ(of(*found, hop::write), 0ns);
}

}  // namespace
}  // namespace gateway::latency_profile_test
