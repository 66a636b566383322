// Flights on one thread: each passenger hears of the landing once, whatever happens to the pilot.
#include "io/upstream/flight.hpp"

#include <gtest/gtest.h>

#include "io/runtime/deadlines.hpp"
#include "upstream/flight_bench.hpp"

namespace gateway::test::flight_test {
namespace {

constexpr auto never = timed::never;

landing_ptr some_landing(fault why = fault::upstream_busy) {
  auto made = std::make_shared<landing>();
  made->why = why;
  return made;
}

TEST(flight_table, the_first_one_leads_and_the_others_join) {
  flight_table table;
  auto first = table.board(key_of(1));
  auto second = table.board(key_of(1));
  EXPECT_TRUE(first.lead);
  EXPECT_FALSE(second.lead);
  EXPECT_EQ(first.joined, second.joined);
  EXPECT_EQ(table.size(), 1U);
}

TEST(flight_table, another_call_another_question_or_another_generation_is_another_flight) {
  flight_table table;
  auto const one = table.board(key_of(1));
  auto const other_call = table.board(key_of(2));
  auto const other_question = table.board(key_of(1, processing_state::all));
  auto const after_a_purge = table.board(key_of(1, processing_state::absent, 1));
  EXPECT_TRUE(other_call.lead && other_question.lead && after_a_purge.lead);
  EXPECT_EQ(table.size(), 4U);
}

TEST(flight_table, alone_means_that_nobody_can_join) {
  flight_table table;
  auto const alone = flight_table::board_alone();
  auto const next = table.board(key_of(1));
  EXPECT_TRUE(alone.lead && next.lead);
  EXPECT_NE(alone.joined, next.joined);
  EXPECT_EQ(table.size(), 1U);
}

TEST(flight_table, after_the_landing_a_new_flight_starts) {
  flight_table table;
  auto first = table.board(key_of(1));
  first.lead->land(some_landing());
  EXPECT_EQ(table.size(), 0U);
  auto const second = table.board(key_of(1));
  EXPECT_TRUE(second.lead);
  EXPECT_NE(second.joined, first.joined);
}

TEST(flight_table, a_late_landing_of_one_alone_does_not_end_the_flight_in_the_table) {
  flight_table table;
  auto alone = flight_table::board_alone();
  auto const listed = table.board(key_of(1));
  alone.lead->land(some_landing());
  EXPECT_EQ(table.size(), 1U);
  EXPECT_FALSE(table.board(key_of(1)).lead);
}

TEST(flight, all_who_wait_hear_the_same_once) {
  flight_table table;
  auto boarding = table.board(key_of(1));
  std::vector<passenger> passengers(1000);
  lounge here;
  for (auto& one : passengers) here.seat(boarding.joined, never, one);
  here.settle();
  for (auto const& one : passengers) ASSERT_EQ(one.endings, 0);
  auto const result = some_landing();
  boarding.lead->land(result);
  here.settle();
  for (auto const& one : passengers) {
    ASSERT_EQ(one.endings, 1);
    ASSERT_EQ(one.heard, result);
  }
  EXPECT_EQ(here.live.count(), 0U);
}

TEST(flight, who_comes_after_the_landing_hears_it_at_once) {
  flight_table table;
  auto boarding = table.board(key_of(1));
  auto const result = some_landing();
  boarding.lead->land(result);
  passenger late;
  lounge here;
  here.seat(boarding.joined, mono_now() - std::chrono::hours{1}, late);
  here.settle();
  EXPECT_EQ(late.heard, result);
}

TEST(flight, a_dropped_pilot_lands_it_as_an_internal_failure_once) {
  flight_table table;
  std::vector<passenger> passengers(3);
  lounge here;
  {
    auto const boarding = table.board(key_of(1));
    for (auto& one : passengers) here.seat(boarding.joined, never, one);
    here.settle();
  }
  EXPECT_EQ(table.size(), 0U);
  here.settle();
  for (auto const& one : passengers) EXPECT_TRUE(one.failed_as(fault::internal));
}

task<void> fly_into_trouble(pilot lead, bool& began) {
  pilot const mine{std::move(lead)};
  began = true;
  throw std::runtime_error{"engine"};
  co_return;
}

TEST(flight, an_exception_of_the_pilot_strands_nobody) {
  flight_table table;
  auto boarding = table.board(key_of(1));
  passenger one;
  bool began = false;
  lounge here;
  here.seat(boarding.joined, never, one);
  auto trouble = fly_into_trouble(std::move(*boarding.lead), began);
  boarding.lead.reset();  // an empty shell by now
  spawn(here.loop.get_executor(), here.live, "pilot", std::move(trouble));
  here.settle();
  here.settle();
  EXPECT_TRUE(began);
  EXPECT_TRUE(one.failed_as(fault::internal));
  EXPECT_EQ(table.size(), 0U);
}

TEST(flight, a_pilot_whose_task_never_ran_strands_nobody) {
  flight_table table;
  auto boarding = table.board(key_of(1));
  passenger one;
  lounge here;
  here.seat(boarding.joined, never, one);
  here.settle();
  {
    lounge elsewhere;
    bool began = false;
    spawn(elsewhere.loop.get_executor(), elsewhere.live, "pilot", fly_into_trouble(std::move(*boarding.lead), began));
    boarding.lead.reset();
    EXPECT_EQ(table.size(), 1U);
  }
  here.settle();
  EXPECT_TRUE(one.failed_as(fault::internal));
}

TEST(flight, landing_twice_counts_once) {
  auto const lone = std::make_shared<flight>();
  passenger one;
  lounge here;
  here.seat(lone, never, one);
  here.settle();
  auto const first = some_landing(fault::upstream_busy);
  lone->land(first);
  lone->land(some_landing(fault::internal));
  here.settle();
  EXPECT_EQ(one.endings, 1);
  EXPECT_EQ(one.heard, first);
  passenger late;
  here.seat(lone, never, late);
  here.settle();
  EXPECT_EQ(late.heard, first);
}

TEST(flight, each_waits_no_longer_than_its_own_deadline_and_the_others_stay) {
  flight_table table;
  auto boarding = table.board(key_of(1));
  passenger hurried, patient;
  lounge here;
  here.seat(boarding.joined, mono_now() - std::chrono::seconds{1}, hurried);
  here.seat(boarding.joined, never, patient);
  here.settle();
  here.settle();
  EXPECT_EQ(hurried.endings, 1);
  EXPECT_EQ(hurried.heard, nullptr);
  EXPECT_EQ(patient.endings, 0);
  auto const result = some_landing();
  boarding.lead->land(result);
  here.settle();
  EXPECT_EQ(patient.heard, result);
  EXPECT_EQ(hurried.endings, 1);
}

TEST(flight, who_leaves_is_off_the_list) {
  flight_table table;
  auto boarding = table.board(key_of(1));
  passenger hurried, leaver, patient;
  presence here;
  lounge hall;
  hall.seat(boarding.joined, never, patient);
  hall.seat(boarding.joined, never, leaver, &here);
  hall.settle();
  EXPECT_EQ(boarding.joined->waiting(), 2U);
  hall.seat(boarding.joined, mono_now() - std::chrono::seconds{1}, hurried);
  hall.settle();
  hall.settle();
  EXPECT_EQ(boarding.joined->waiting(), 2U) << "its time is up";
  here.end();
  EXPECT_EQ(boarding.joined->waiting(), 1U);
  EXPECT_FALSE(boarding.joined->is_deserted());
  boarding.lead->land(some_landing());
  hall.settle();
  EXPECT_EQ(patient.endings, 1);
  EXPECT_EQ(leaver.endings, 1) << "its task goes on all the same";
}

task<void> try_turn(upstream_turns& turns, upstream_turns::request wish, std::optional<bool>& deserted) {
  auto const got = co_await turns.acquire(wish, fair_queue::position::last);
  deserted = got.deserted && !got.granted;
}

TEST(flight, what_all_have_left_gets_no_turn) {
  flight_table table;
  upstream_turns turns{shield_policy{}, 1};
  lounge hall;
  presence here;
  passenger hurried, leaver;
  auto const where = hall.loop.get_executor();
  auto const wish = turns.apply(where, requester{}, mono_now() + std::chrono::hours{1}, std::chrono::hours{1});
  auto boarding = table.board(key_of(1), wish);
  hall.seat(boarding.joined, mono_now() - std::chrono::seconds{1}, hurried);
  hall.seat(boarding.joined, never, leaver, &here);
  hall.settle();
  hall.settle();
  EXPECT_FALSE(boarding.joined->is_deserted());
  here.end();
  EXPECT_TRUE(boarding.joined->is_deserted());
  std::optional<bool> deserted;
  spawn(where, hall.live, "turn", try_turn(turns, wish, deserted));
  hall.settle();
  EXPECT_EQ(deserted, true) << "though there is room";
  boarding.lead->land(some_landing());
  hall.settle();
}

TEST(flight, everybody_may_leave_and_it_still_lands) {
  flight_table table;
  auto boarding = table.board(key_of(1));
  {
    passenger gone;
    lounge here;
    here.seat(boarding.joined, mono_now() - std::chrono::seconds{1}, gone);
    here.loop.run();
    EXPECT_EQ(gone.endings, 1);
    boarding.lead->land(some_landing());  // wakes who is not there any more
    here.settle();
    EXPECT_EQ(gone.endings, 1);
  }
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace gateway::test::flight_test
