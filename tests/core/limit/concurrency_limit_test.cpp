// The limit finds what the upstream allows, stays there, and follows its changes.
#include "core/limit/concurrency_limit.hpp"

#include <gtest/gtest.h>

namespace gateway::test::concurrency_limit_test {
namespace {

using namespace std::chrono_literals;

// An upstream with a limit of its own, under a load that always uses the whole limit. In each round trip, all requests are sent at once and
// then answered in the order in which they were sent.
struct rounds {
  std::uint64_t allows;
  std::uint64_t elsewhere = 0;  // what other clients have under way there
  bool reports = true;
  concurrency_limit limit{40};
  std::uint64_t sent = 0;
  mono_time now{1h};
  std::uint64_t accepted = 0, refused = 0;

  void round_trip() {
    auto const first = sent + 1;
    auto const many = limit.now();
    sent += many;
    now += 50ms;
    for (std::uint64_t i = 1; i <= many; ++i) {
      auto const load = std::min(i, allows + 1) + elsewhere;
      bool const fits = i + elsewhere <= allows;
      concurrency_limit::observation what{first + i - 1, sent, i, {}};
      if (reports) what.reported = fits ? load : allows + 1;
      if (fits) {
        ++accepted;
        limit.accepted(what, now);
      } else {
        ++refused;
        limit.refused(what, now);
      }
    }
  }
  void run(int count) {
    for (int i = 0; i < count; ++i) round_trip();
  }
  void forget() { accepted = refused = 0; }
};

TEST(concurrency_limit, starts_at_what_the_operator_says_and_never_goes_beyond) {
  rounds trips{1000};
  EXPECT_EQ(trips.limit.now(), 40U);
  trips.run(100);
  EXPECT_EQ(trips.limit.now(), 40U);
  EXPECT_EQ(trips.refused, 0U);
}

TEST(concurrency_limit, falls_once_in_a_round_trip_however_much_of_it_is_refused) {
  rounds trips{.allows = 10, .reports = false};
  trips.round_trip();
  EXPECT_EQ(trips.refused, 30U);
  EXPECT_EQ(trips.limit.now(), 20U);
}

struct learnt {
  std::uint64_t allows;
  bool reports;
};
class what_is_allowed : public testing::TestWithParam<learnt> {};

TEST_P(what_is_allowed, is_found_within_five_round_trips_and_hardly_ever_exceeded_after_that) {
  rounds trips{.allows = GetParam().allows, .reports = GetParam().reports};
  trips.run(5);
  trips.forget();
  trips.run(400);
  EXPECT_LT(static_cast<double>(trips.refused), 0.01 * static_cast<double>(trips.accepted + trips.refused) + 6) << trips.refused;
  EXPECT_GE(trips.limit.now(), trips.allows * 9 / 10);
  EXPECT_LE(trips.limit.now(), trips.allows + 1);
}
INSTANTIATE_TEST_SUITE_P(concurrency_limit, what_is_allowed,
                         testing::Values(learnt{10, false}, learnt{10, true}, learnt{1, false}, learnt{1, true}, learnt{2, true},
                                         learnt{7, false}, learnt{19, true}, learnt{20, false}, learnt{33, true}, learnt{39, false}));

TEST(concurrency_limit, never_falls_below_one_and_comes_back_from_there) {
  rounds trips{.allows = 0, .reports = false};
  trips.run(20);
  EXPECT_EQ(trips.limit.now(), 1U);
  trips.allows = 40;
  trips.run(2000);
  EXPECT_EQ(trips.limit.now(), 40U);
}

TEST(concurrency_limit, follows_the_upstream_down_and_up_again) {
  rounds trips{.allows = 40};
  trips.run(20);
  EXPECT_EQ(trips.limit.now(), 40U);
  trips.allows = 10;
  trips.run(8);
  EXPECT_EQ(trips.limit.now(), 10U);
  trips.allows = 40;
  trips.run(1200);  // a minute
  EXPECT_EQ(trips.limit.now(), 40U);
}

TEST(concurrency_limit, grows_ever_faster_once_the_refused_level_is_good_again) {
  rounds trips{.allows = 10};
  trips.run(8);
  ASSERT_EQ(trips.limit.now(), 10U);
  trips.allows = 40;
  trips.forget();
  trips.run(40 + 8);  // the refused level is tried again after two seconds, and then 1, 1, 2, 4, 8, 16 more
  EXPECT_EQ(trips.limit.now(), 40U);
  EXPECT_EQ(trips.refused, 0U);
}

TEST(concurrency_limit, one_refusal_while_trying_one_more_does_not_halve_what_is_known_to_be_good) {
  rounds trips{.allows = 10};
  trips.run(10);
  for (int i = 0; i < 2000; ++i) {
    trips.round_trip();
    ASSERT_GE(trips.limit.now(), 10U);
    ASSERT_LE(trips.limit.now(), 11U);
  }
}

TEST(concurrency_limit, an_answer_to_what_was_sent_before_the_decrease_is_no_second_decrease) {
  concurrency_limit limit{40};
  EXPECT_TRUE(limit.refused({1, 40, 1, {}}, mono_time{1h}));
  EXPECT_FALSE(limit.refused({40, 60, 40, {}}, mono_time{1h}));
  EXPECT_EQ(limit.now(), 20U);
  EXPECT_TRUE(limit.refused({41, 60, 1, {}}, mono_time{1h}));
  EXPECT_EQ(limit.now(), 10U);
}

TEST(concurrency_limit, does_not_grow_by_answers_when_nobody_wanted_more) {
  rounds trips{.allows = 10};
  trips.run(10);
  auto const known = trips.limit.now();
  for (std::uint64_t i = 0; i < 1000; ++i) {
    ++trips.sent;
    trips.limit.accepted({trips.sent, trips.sent, 1, 1}, trips.now += 100ms);
  }
  EXPECT_LE(trips.limit.now(), known) << "one at a time says nothing about more";
}

TEST(concurrency_limit, leaves_room_for_what_others_have_under_way_without_being_refused_again) {
  rounds trips{.allows = 10};
  trips.run(10);
  ASSERT_EQ(trips.limit.now(), 10U);
  trips.elsewhere = 6;
  trips.run(3);
  EXPECT_LE(trips.limit.now(), 5U);
  EXPECT_GE(trips.limit.now(), 1U);
  trips.elsewhere = 0;
  trips.run(400);
  EXPECT_GE(trips.limit.now(), 10U);
}

TEST(concurrency_limit, a_report_that_makes_no_sense_harms_little) {
  concurrency_limit limit{40};
  limit.refused({1, 40, 1, 0}, mono_time{1h});
  EXPECT_EQ(limit.now(), 20U) << "zero is no load";
  limit.refused({41, 60, 1, UINT64_MAX}, mono_time{1h});
  EXPECT_EQ(limit.now(), 10U);
  limit.refused({61, 70, 1, 1}, mono_time{1h});
  EXPECT_EQ(limit.now(), 5U) << "not less than half in one step";
}

TEST(concurrency_limit, another_bound_leaves_what_was_learnt) {
  concurrency_limit fresh{10};
  fresh.set_most(20);
  EXPECT_EQ(fresh.now(), 20U) << "it was allowed everything";
  fresh.set_most(5);
  EXPECT_EQ(fresh.now(), 5U);
  rounds learnt{8};
  for (int i = 0; i < 20; ++i) learnt.round_trip();
  auto const found = learnt.limit.now();
  ASSERT_LT(found, 40U);
  learnt.limit.set_most(100);
  EXPECT_EQ(learnt.limit.now(), found) << "it was refused more";
  learnt.limit.set_most(3);
  EXPECT_EQ(learnt.limit.now(), 3U);
}

TEST(concurrency_limit, what_one_has_learnt_another_goes_on_with) {
  rounds trips{10};
  trips.run(20);
  auto const known = trips.limit.remembered(trips.now);
  concurrency_limit other{40};
  other.recall(known, 0, trips.now);
  EXPECT_EQ(other.now(), trips.limit.now());
  EXPECT_EQ(other.remembered(trips.now), known);
  concurrency_limit narrow{5};
  narrow.recall(known, 0, trips.now);
  EXPECT_EQ(narrow.now(), 5U) << "never beyond what its operator says";
}

TEST(concurrency_limit, answers_to_several_exchanges_count_as_many) {
  concurrency_limit limit{40};
  limit.restart_at(4, 0);
  EXPECT_FALSE(limit.accepted({.sent = 1, .newest = 1, .in_flight = 4, .answers = 3}, mono_time{}));
  EXPECT_TRUE(limit.accepted({.sent = 1, .newest = 1, .in_flight = 4, .answers = 1}, mono_time{}));
  EXPECT_EQ(limit.now(), 5U);
}

TEST(concurrency_limit, begins_anew_at_a_level_and_ignores_what_was_sent_before) {
  concurrency_limit limit{40};
  limit.restart_at(8, 100);
  EXPECT_EQ(limit.now(), 8U);
  EXPECT_FALSE(limit.refused({.sent = 100, .newest = 100, .in_flight = 8}, mono_time{}));
  EXPECT_TRUE(limit.refused({.sent = 101, .newest = 101, .in_flight = 8}, mono_time{}));
  limit.restart_at(0, 100);
  EXPECT_EQ(limit.now(), 1U);
}

TEST(concurrency_limit, begun_anew_it_is_soon_where_it_was_and_tries_no_refused_level_before_its_time) {
  rounds trips{10};
  while (trips.limit.now() != 11) trips.round_trip();
  trips.round_trip();
  ASSERT_EQ(trips.limit.now(), 10U);
  trips.limit.restart_at(4, trips.sent);
  trips.forget();
  trips.run(3);
  EXPECT_EQ(trips.limit.now(), 10U) << "by 1, 2, and what is left";
  trips.run(10);
  EXPECT_EQ(trips.refused, 0U);
}

TEST(concurrency_limit, another_that_was_refused_at_the_same_level_makes_it_wait_as_long) {
  rounds trips{10};
  while (trips.limit.now() != 11) trips.round_trip();
  trips.round_trip();
  while (trips.limit.now() != 11) trips.round_trip();
  auto const trying = trips.limit;
  trips.round_trip();
  auto const before = trips.limit;
  trips.run(400);
  auto waits = before;
  waits.wait_as(trips.limit);
  EXPECT_EQ(waits.now(), 10U);
  EXPECT_GT(waits.remembered(trips.now).pause, before.remembered(trips.now).pause);
  EXPECT_EQ(waits.remembered(trips.now).try_again_in, trips.limit.remembered(trips.now).try_again_in);
  auto tried = trying;
  tried.wait_as(before);
  EXPECT_EQ(tried.now(), 10U) << "the other knows how that ended";
  tried = trying;
  tried.wait_as(trying);
  EXPECT_EQ(tried.now(), 11U);
  concurrency_limit elsewhere{40};
  elsewhere.wait_as(trips.limit);
  EXPECT_EQ(elsewhere.remembered(trips.now), concurrency_limit{40}.remembered(trips.now)) << "it was refused at no level";
}

TEST(concurrency_limit, begun_anew_and_refused_it_grows_by_small_steps) {
  rounds trips{20};
  while (trips.limit.now() != 21) trips.round_trip();
  trips.round_trip();
  trips.limit.restart_at(4, trips.sent);
  trips.allows = 5;
  trips.run(4);
  trips.allows = 20;
  trips.run(2);
  EXPECT_LE(trips.limit.now(), 8U);
}

}  // namespace
}  // namespace gateway::test::concurrency_limit_test
