// A failure opens the circuit for a while, one probe tests the upstream, and a success closes the circuit for all.
#include "core/limit/circuit.hpp"

#include <gtest/gtest.h>

namespace gateway::test::circuit_test {
namespace {

using namespace std::chrono_literals;
using state = circuit::state;

constexpr backoff_policy policy{100ms, 30s};
constexpr mono_time start{1h};

TEST(circuit, is_closed_without_failures) {
  circuit const one{policy};
  EXPECT_EQ(one.state_at(start), state::closed);
}

TEST(circuit, a_failure_opens_it_and_then_exactly_one_may_try) {
  circuit one{policy};
  EXPECT_TRUE(one.open(1, 5, 0s, 0, start));
  EXPECT_EQ(one.state_at(start), state::open);
  EXPECT_EQ(one.state_at(start + 99ms), state::open);
  EXPECT_EQ(one.state_at(start + 100ms), state::half_open);
  one.begin_probe();
  EXPECT_EQ(one.state_at(start + 200ms), state::open);
  EXPECT_EQ(one.state_at(start + 1h), state::open);
}

TEST(circuit, a_probe_that_ends_with_nothing_leaves_its_place_to_the_next) {
  circuit one{policy};
  one.open(1, 5, 0s, 0, start);
  one.begin_probe();
  one.end_probe();
  EXPECT_EQ(one.state_at(start + 100ms), state::half_open);
}

TEST(circuit, a_probe_that_gets_through_opens_it_for_all) {
  circuit one{policy};
  one.open(1, 5, 0s, 0, start);
  one.begin_probe();
  one.end_probe();
  one.close(6);
  EXPECT_EQ(one.state_at(start + 100ms), state::closed);
}

TEST(circuit, feedback_of_what_was_sent_before_the_failure_changes_nothing) {
  circuit one{policy};
  one.open(1, 5, 0s, 0, start);
  one.close(5);
  EXPECT_EQ(one.state_at(start), state::open) << "it was sent before";
  EXPECT_FALSE(one.open(4, 5, 0s, 0, start + 50ms)) << "the same trouble";
  EXPECT_EQ(one.half_open_at(), start + 100ms);
}

TEST(circuit, failures_in_a_row_open_it_for_twice_as_long_each_time_up_to_a_bound) {
  circuit one{policy};
  auto now = start;
  auto expected = std::chrono::nanoseconds{100ms};
  for (std::uint64_t number = 1; number <= 20; ++number) {
    ASSERT_TRUE(one.open(number, number, 0s, 0, now));
    EXPECT_EQ(one.half_open_at() - now, expected) << number;
    now = one.half_open_at();
    expected = std::min<std::chrono::nanoseconds>(expected * 2, 30s);
  }
  one.close(21);
  one.open(22, 22, 0s, 0, now);
  EXPECT_EQ(one.half_open_at() - now, 100ms) << "something got through in between";
}

TEST(circuit, what_the_other_side_asks_for_counts_if_it_is_longer) {
  circuit one{policy};
  one.open(1, 5, 2s, 0, start);
  EXPECT_EQ(one.half_open_at(), start + 2s);
  one.open(2, 5, 7s, 0, start + 1s);
  EXPECT_EQ(one.half_open_at(), start + 8s) << "also when it is more of the same trouble";
  one.open(3, 5, 1ms, 0, start + 1s);
  EXPECT_EQ(one.half_open_at(), start + 8s) << "never shorter";
}

TEST(circuit, chance_makes_a_span_longer_by_a_quarter_at_most) {
  EXPECT_EQ(policy.span(0, 0), 100ms);
  EXPECT_EQ(policy.span(0, 0.5), 112'500us);
  EXPECT_LT(policy.span(0, 0.999999), 125ms);
  EXPECT_EQ(policy.span(50, 0.999999), 30s) << "the bound holds";
}

}  // namespace
}  // namespace gateway::test::circuit_test
