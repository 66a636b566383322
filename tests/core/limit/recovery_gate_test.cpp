// Trouble shuts the gate for a while, one probe tries it, and it opens for all when something got through.
#include "core/limit/recovery_gate.hpp"

#include <gtest/gtest.h>

namespace gateway::test::recovery_gate_test {
namespace {

using namespace std::chrono_literals;
using passage = recovery_gate::passage;

constexpr backoff_policy policy{100ms, 30s};
constexpr mono_time start{1h};

TEST(recovery_gate, is_open_without_trouble) {
  recovery_gate const gate{policy};
  EXPECT_EQ(gate.look(start), passage::free);
}

TEST(recovery_gate, trouble_shuts_it_and_then_exactly_one_may_try) {
  recovery_gate gate{policy};
  EXPECT_TRUE(gate.shut(1, 5, 0s, 0, start));
  EXPECT_EQ(gate.look(start), passage::none);
  EXPECT_EQ(gate.look(start + 99ms), passage::none);
  EXPECT_EQ(gate.look(start + 100ms), passage::probe);
  gate.begin_probe();
  EXPECT_EQ(gate.look(start + 200ms), passage::none);
  EXPECT_EQ(gate.look(start + 1h), passage::none);
}

TEST(recovery_gate, a_probe_that_ends_with_nothing_leaves_its_place_to_the_next) {
  recovery_gate gate{policy};
  gate.shut(1, 5, 0s, 0, start);
  gate.begin_probe();
  gate.end_probe();
  EXPECT_EQ(gate.look(start + 100ms), passage::probe);
}

TEST(recovery_gate, a_probe_that_gets_through_opens_it_for_all) {
  recovery_gate gate{policy};
  gate.shut(1, 5, 0s, 0, start);
  gate.begin_probe();
  gate.end_probe();
  gate.open(6);
  EXPECT_EQ(gate.look(start + 100ms), passage::free);
}

TEST(recovery_gate, news_of_what_was_sent_before_the_trouble_changes_nothing) {
  recovery_gate gate{policy};
  gate.shut(1, 5, 0s, 0, start);
  gate.open(5);
  EXPECT_EQ(gate.look(start), passage::none) << "it was sent before";
  EXPECT_FALSE(gate.shut(4, 5, 0s, 0, start + 50ms)) << "the same trouble";
  EXPECT_EQ(gate.opens_at(), start + 100ms);
}

TEST(recovery_gate, troubles_in_a_row_shut_it_for_twice_as_long_each_time_up_to_a_bound) {
  recovery_gate gate{policy};
  auto now = start;
  auto expected = std::chrono::nanoseconds{100ms};
  for (std::uint64_t number = 1; number <= 20; ++number) {
    ASSERT_TRUE(gate.shut(number, number, 0s, 0, now));
    EXPECT_EQ(gate.opens_at() - now, expected) << number;
    now = gate.opens_at();
    expected = std::min<std::chrono::nanoseconds>(expected * 2, 30s);
  }
  gate.open(21);
  gate.shut(22, 22, 0s, 0, now);
  EXPECT_EQ(gate.opens_at() - now, 100ms) << "something got through in between";
}

TEST(recovery_gate, what_the_other_side_asks_for_counts_if_it_is_longer) {
  recovery_gate gate{policy};
  gate.shut(1, 5, 2s, 0, start);
  EXPECT_EQ(gate.opens_at(), start + 2s);
  gate.shut(2, 5, 7s, 0, start + 1s);
  EXPECT_EQ(gate.opens_at(), start + 8s) << "also when it is more of the same trouble";
  gate.shut(3, 5, 1ms, 0, start + 1s);
  EXPECT_EQ(gate.opens_at(), start + 8s) << "never shorter";
}

TEST(recovery_gate, chance_makes_a_span_longer_by_a_quarter_at_most) {
  EXPECT_EQ(policy.span(0, 0), 100ms);
  EXPECT_EQ(policy.span(0, 0.5), 112'500us);
  EXPECT_LT(policy.span(0, 0.999999), 125ms);
  EXPECT_EQ(policy.span(50, 0.999999), 30s) << "the bound holds";
}

}  // namespace
}  // namespace gateway::test::recovery_gate_test
