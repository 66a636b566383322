#include "core/telemetry/hop_ledger.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string_view>

namespace gateway::hop_ledger_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds t) { return mono_time{std::chrono::hours{1'000} + t}; }

hop any_hop(std::mt19937_64& random) { return static_cast<hop>(random() % hop_count); }

// Changes hops at random times, and returns the moment when it stopped.
mono_time wander(hop_ledger& ledger, mono_time now, std::mt19937_64& random) {
  for (auto steps = random() % 12; steps > 0; --steps) {
    now += std::chrono::nanoseconds{random() % 3 ? random() % 1'000'000 : 0};
    ledger.enter(any_hop(random), now);
  }
  now += std::chrono::nanoseconds{random() % 1'000};
  ledger.stop(now);
  return now;
}

TEST(hop_ledger, each_moment_belongs_to_one_hop) {
  hop_ledger ledger{hop::lookup, at(0ns)};
  ledger.enter(hop::budget_wait, at(10ns));
  ledger.enter(hop::connect, at(10ns));
  ledger.enter(hop::lookup, at(35ns));
  ledger.stop(at(40ns));
  EXPECT_EQ(ledger.spent(hop::lookup), 15ns);
  EXPECT_EQ(ledger.spent(hop::budget_wait), 0ns);
  EXPECT_EQ(ledger.spent(hop::connect), 25ns);
  EXPECT_EQ(ledger.total(), 40ns);
}

TEST(hop_ledger, hops_sum_to_the_duration_whatever_the_schedule) {
  std::mt19937_64 random{11};
  for (int round = 0; round < 10'000; ++round) {
    auto const started = at(std::chrono::nanoseconds{random() % 1'000'000});
    hop_ledger ledger{any_hop(random), started};
    auto const stopped = wander(ledger, started, random);
    ASSERT_EQ(ledger.total(), stopped - started) << round;
    for (std::size_t i = 0; i < hop_count; ++i) ASSERT_GE(ledger.spent(static_cast<hop>(i)), 0ns);
  }
}

TEST(hop_ledger, taking_over_a_fetch_keeps_the_sum) {
  std::mt19937_64 random{12};
  for (int round = 0; round < 10'000; ++round) {
    auto const started = at(0ns);
    hop_ledger ours{hop::lookup, started};
    ours.enter(hop::flight_wait, started + std::chrono::nanoseconds{random() % 1'000});
    auto const stopped = wander(ours, started + std::chrono::nanoseconds{1'000 + random() % 4'000'000}, random);
    hop_ledger theirs{hop::budget_wait, started};
    wander(theirs, started, random);
    auto const before = ours.spent(hop::flight_wait);
    ours.adopt(theirs);
    ASSERT_EQ(ours.total(), stopped - started) << round;
    ASSERT_LE(ours.spent(hop::flight_wait), before);
    for (std::size_t i = 0; i < hop_count; ++i) ASSERT_GE(ours.spent(static_cast<hop>(i)), 0ns);
  }
}

// A delay appears in the hop where it happened and in no other, also for the request that started the fetch.
TEST(hop_ledger, a_delay_is_found_in_the_hop_in_which_it_happened) {
  std::mt19937_64 random{13};
  for (int round = 0; round < 10'000; ++round) {
    auto const delayed = static_cast<hop>(static_cast<std::size_t>(hop::budget_wait) + random() % 8);  // a hop of a fetch
    auto const fetch = [&](std::chrono::nanoseconds delay, std::mt19937_64 dice) {
      hop_ledger theirs{hop::lookup, at(1us)};
      auto now = at(1us);
      for (auto one = hop::budget_wait; one <= hop::store; one = static_cast<hop>(static_cast<std::size_t>(one) + 1)) {
        theirs.enter(one, now);
        now += std::chrono::nanoseconds{dice() % 100'000} + (one == delayed ? delay : 0ns);
      }
      theirs.stop(now);
      hop_ledger ours{hop::lookup, at(0ns)};
      ours.enter(hop::flight_wait, at(1us));
      ours.enter(hop::write, now + 5us);
      ours.stop(now + 9us);
      ours.adopt(theirs);
      return ours;
    };
    auto const seed = random();
    auto const usual = fetch(0ns, std::mt19937_64{seed});
    auto const slow = fetch(3s, std::mt19937_64{seed});
    for (std::size_t i = 0; i < hop_count; ++i) {
      auto const one = static_cast<hop>(i);
      ASSERT_EQ(slow.spent(one) - usual.spent(one), one == delayed ? 3s : 0s) << name_of(one) << ", delayed: " << name_of(delayed);
    }
  }
}

TEST(hop_ledger, overhead_is_what_is_neither_the_clients_nor_the_upstreams_nor_waiting) {
  hop_ledger ledger{static_cast<hop>(0), at(0ns)};
  std::chrono::nanoseconds ours{};
  for (std::size_t i = 0; i < hop_count; ++i) {  // each hop takes a nanosecond more than the one before
    ledger.enter(static_cast<hop>((i + 1) % hop_count), at(std::chrono::nanoseconds{(i + 1) * (i + 2) / 2}));
    if (side_of(static_cast<hop>(i)) == hop_side::gateway) ours += std::chrono::nanoseconds{i + 1};
  }
  EXPECT_EQ(ledger.overhead(), ours);
  EXPECT_EQ(ours, 2ns + 3ns + 15ns + 16ns) << "authorise, lookup, inspect and store";
}

TEST(hop_ledger, a_waiter_sees_where_the_fetch_spent_its_waiting) {
  hop_ledger ours{hop::lookup, at(0ns)};
  ours.enter(hop::flight_wait, at(10ns));
  ours.enter(hop::write, at(110ns));
  ours.stop(at(115ns));
  hop_ledger theirs{hop::connect, at(10ns)};
  theirs.enter(hop::first_byte, at(40ns));
  theirs.stop(at(100ns));
  ours.adopt(theirs);
  EXPECT_EQ(ours.spent(hop::connect), 30ns);
  EXPECT_EQ(ours.spent(hop::first_byte), 60ns);
  EXPECT_EQ(ours.spent(hop::flight_wait), 10ns);
  EXPECT_EQ(ours.spent(hop::write), 5ns);
  EXPECT_EQ(ours.total(), 115ns);
}

TEST(hop_ledger, who_joined_late_adopts_no_more_than_it_waited) {
  hop_ledger ours{hop::flight_wait, at(90ns)};
  ours.stop(at(100ns));
  hop_ledger theirs{hop::connect, at(0ns)};
  theirs.enter(hop::first_byte, at(40ns));
  theirs.stop(at(100ns));
  ours.adopt(theirs);
  EXPECT_EQ(ours.total(), 10ns);
  EXPECT_EQ(ours.spent(hop::flight_wait), 0ns);
}

TEST(hop_ledger, server_timing_lists_what_took_time) {
  hop_ledger ledger{hop::lookup, at(0ns)};
  EXPECT_EQ(server_timing(ledger), "");
  ledger.enter(hop::first_byte, at(12us));
  ledger.enter(hop::write, at(12us + 143'200us));
  ledger.stop(at(12us + 143'200us));
  EXPECT_EQ(server_timing(ledger), "lookup;dur=0.012, first_byte;dur=143.200");
}

TEST(hop_ledger, every_hop_has_its_own_name_and_a_sentence) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < hop_count; ++i) {
    EXPECT_TRUE(names.insert(name_of(static_cast<hop>(i))).second);
    EXPECT_FALSE(prose_of(static_cast<hop>(i)).empty());
  }
  EXPECT_EQ(name_of(hop::lookup), "lookup");
  EXPECT_EQ(name_of(hop::tls_handshake), "tls_handshake");
  EXPECT_EQ(name_of(hop::write), "write");
}

}  // namespace
}  // namespace gateway::hop_ledger_test
