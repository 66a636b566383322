// A gateway's part of a shared budget: when the engine hears of it, and how the fleet learns its limit.
#include "core/limit/budget_share.hpp"

#include <gtest/gtest.h>

namespace gateway::test::budget_share_test {
namespace {

using namespace std::chrono_literals;
using needs = budget_share::needs;

struct budget_share_test : testing::Test {
  budget_share share;
  concurrency_limit limit{40};
  mono_time now{1h};

  static needs want(std::uint64_t in_use, std::uint64_t wanted) { return {{in_use, 0}, {wanted, 0}, {}}; }
  // A reply of the epoch that the gateway knows.
  budget_word word(std::uint64_t slots, std::uint64_t in_flight) const {
    budget_word made;
    made.slots = {slots, 0};
    made.in_flight = in_flight;
    made.epoch = share.epoch();
    return made;
  }
  // The gateway's first proposal is accepted.
  void begin(std::uint64_t slots, std::uint64_t in_flight) {
    auto const first = share.report(want(0, slots), limit, now);
    auto reply = word(slots, in_flight);
    reply.epoch = 1;
    reply.learnt = first.proposal;
    share.take(reply, limit, now);
  }
};

TEST_F(budget_share_test, without_a_word_of_the_engine_it_has_no_slot) {
  EXPECT_FALSE(share.has_room(0, 0));
  EXPECT_TRUE(share.has_changed(want(0, 1)));
  EXPECT_FALSE(share.has_changed(want(0, 0)));
}

TEST_F(budget_share_test, the_first_report_proposes_the_limit_that_the_gateway_has) {
  auto const first = share.report(want(0, 3), limit, now);
  ASSERT_TRUE(first.proposal);
  EXPECT_EQ(first.proposal->limit, 40U);
  EXPECT_EQ(first.proposed_limit, 40U);
  EXPECT_EQ(first.epoch, 0U);
}

TEST_F(budget_share_test, while_a_report_is_under_way_only_slots_in_use_are_used) {
  begin(3, 3);
  EXPECT_TRUE(share.has_room(0, 2));
  (void)share.report(want(1, 2), limit, now);
  EXPECT_TRUE(share.has_room(0, 0));
  EXPECT_FALSE(share.has_room(0, 1));
}

TEST_F(budget_share_test, slots_that_are_not_needed_are_reported) {
  begin(3, 3);
  EXPECT_FALSE(share.has_changed(want(3, 3)));
  EXPECT_TRUE(share.has_changed(want(2, 2)));
}

TEST_F(budget_share_test, a_slot_that_another_gateway_waits_for_is_not_used_again) {
  begin(3, 10);
  share.ended(0, 2);
  EXPECT_TRUE(share.has_room(0, 2)) << "no gateway waits";
  auto reply = word(3, 10);
  reply.yields = {true, false};
  share.take(reply, limit, now);
  share.ended(0, 2);
  EXPECT_FALSE(share.has_room(0, 2));
  EXPECT_TRUE(share.has_changed(want(2, 3)));
}

TEST_F(budget_share_test, a_refusal_lowers_the_limit_of_the_fleet_once) {
  begin(40, 40);
  share.refused({.sent = 1, .newest = 0, .in_flight = 40, .reported = 11});
  EXPECT_TRUE(share.has_changed(want(39, 40)));
  auto const report = share.report(want(39, 40), limit, now);
  ASSERT_TRUE(report.proposal);
  EXPECT_EQ(report.proposed_limit, 20U);
  EXPECT_EQ(limit.now(), 40U) << "it counts when the engine has taken it";
  auto reply = word(20, 20);
  reply.epoch = 2;
  reply.learnt = report.proposal;
  share.take(reply, limit, now);
  EXPECT_EQ(limit.now(), 20U);
  share.refused({.sent = 1, .newest = 0, .in_flight = 40, .reported = 12});
  EXPECT_FALSE(share.report(want(19, 20), limit, now).proposal) << "it was sent before the decrease";
}

TEST_F(budget_share_test, a_refusal_is_not_lost_if_another_gateway_has_changed_the_limit) {
  begin(40, 40);
  share.refused({.sent = 1, .newest = 0, .in_flight = 40, .reported = {}});
  (void)share.report(want(39, 40), limit, now);
  auto grown = limit.remembered(now);
  auto reply = word(39, 39);
  reply.epoch = 2;
  reply.learnt = grown;
  share.take(reply, limit, now);
  EXPECT_TRUE(share.has_changed(want(39, 40)));
  auto const again = share.report(want(39, 40), limit, now);
  ASSERT_TRUE(again.proposal);
  EXPECT_EQ(again.epoch, 2U);
  EXPECT_EQ(again.proposed_limit, 20U);
}

TEST_F(budget_share_test, answers_of_the_whole_fleet_end_a_round) {
  begin(2, 4);
  auto known = limit.remembered(now);
  known.limit = 4;
  auto reply = word(2, 4);
  reply.epoch = 2;
  reply.learnt = known;
  share.take(reply, limit, now);
  share.accepted(2, 4, 4);
  share.accepted(1, 4, 4);
  auto const report = share.report(want(2, 3), limit, now);
  EXPECT_EQ(report.seen.accepted, 1U) << "the other was sent in an earlier epoch";
  EXPECT_FALSE(report.proposal);
  reply = word(2, 4);
  reply.seen = {4, 4, 0};
  share.take(reply, limit, now);
  EXPECT_TRUE(share.has_changed(want(2, 3)));
  auto const end = share.report(want(2, 3), limit, now);
  ASSERT_TRUE(end.proposal);
  EXPECT_EQ(end.proposed_limit, 5U);
  EXPECT_EQ(end.proposal->proven, 4U);
}

TEST_F(budget_share_test, an_engine_that_has_lost_the_limit_gets_it_again) {
  begin(2, 2);
  auto reply = word(2, 2);
  reply.epoch = 9;
  auto known = limit.remembered(now);
  known.limit = 10;
  reply.learnt = known;
  share.take(reply, limit, now);
  reply.epoch = 1;
  reply.learnt = concurrency_limit{40}.remembered(now);
  share.take(reply, limit, now);
  EXPECT_EQ(limit.now(), 10U);
  auto const report = share.report(want(2, 2), limit, now);
  EXPECT_EQ(report.epoch, 9U);
  EXPECT_EQ(report.proposed_limit, 10U);
}

TEST_F(budget_share_test, what_others_hold_counts_as_in_flight) {
  begin(3, 9);
  EXPECT_EQ(share.in_flight_with(2), 8U);
}

}  // namespace
}  // namespace gateway::test::budget_share_test
