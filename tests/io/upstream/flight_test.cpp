// Flights on one thread: each waiting task gets the result once, whatever happens to the leader.
#include "io/upstream/flight.hpp"

#include <gtest/gtest.h>

#include "io/runtime/deadlines.hpp"
#include "upstream/flight_bench.hpp"

namespace gateway::test::flight_test {
namespace {

constexpr auto never = timed::never;

fetch_result_ptr some_result(fault why = fault::upstream_busy) {
  auto made = std::make_shared<fetch_result>();
  made->why = why;
  return made;
}

TEST(flight_table, the_first_one_leads_and_the_others_join) {
  flight_table table;
  auto first = table.join(key_of(1));
  auto second = table.join(key_of(1));
  EXPECT_TRUE(first.lead);
  EXPECT_FALSE(second.lead);
  EXPECT_EQ(first.joined, second.joined);
  EXPECT_EQ(table.size(), 1U);
}

TEST(flight_table, another_call_another_question_or_another_generation_is_another_flight) {
  flight_table table;
  auto const one = table.join(key_of(1));
  auto const other_call = table.join(key_of(2));
  auto const other_question = table.join(key_of(1, processing_state::all));
  auto const after_a_purge = table.join(key_of(1, processing_state::absent, 1));
  EXPECT_TRUE(other_call.lead && other_question.lead && after_a_purge.lead);
  EXPECT_EQ(table.size(), 4U);
}

TEST(flight_table, alone_means_that_nobody_can_join) {
  flight_table table;
  auto const alone = flight_table::lead_alone();
  auto const next = table.join(key_of(1));
  EXPECT_TRUE(alone.lead && next.lead);
  EXPECT_NE(alone.joined, next.joined);
  EXPECT_EQ(table.size(), 1U);
}

TEST(flight_table, after_the_completion_a_new_flight_starts) {
  flight_table table;
  auto first = table.join(key_of(1));
  first.lead->complete(some_result());
  EXPECT_EQ(table.size(), 0U);
  auto const second = table.join(key_of(1));
  EXPECT_TRUE(second.lead);
  EXPECT_NE(second.joined, first.joined);
}

TEST(flight_table, a_late_completion_of_one_alone_does_not_end_the_flight_in_the_table) {
  flight_table table;
  auto alone = flight_table::lead_alone();
  auto const listed = table.join(key_of(1));
  alone.lead->complete(some_result());
  EXPECT_EQ(table.size(), 1U);
  EXPECT_FALSE(table.join(key_of(1)).lead);
}

TEST(flight, all_who_wait_hear_the_same_once) {
  flight_table table;
  auto made = table.join(key_of(1));
  std::vector<waiting_task> waiters(1000);
  waiting_room here;
  for (auto& one : waiters) here.wait(made.joined, never, one);
  here.settle();
  for (auto const& one : waiters) ASSERT_EQ(one.endings, 0);
  auto const result = some_result();
  made.lead->complete(result);
  here.settle();
  for (auto const& one : waiters) {
    ASSERT_EQ(one.endings, 1);
    ASSERT_EQ(one.heard, result);
  }
  EXPECT_EQ(here.live.count(), 0U);
}

TEST(flight, who_comes_after_the_completion_hears_it_at_once) {
  flight_table table;
  auto made = table.join(key_of(1));
  auto const result = some_result();
  made.lead->complete(result);
  waiting_task late;
  waiting_room here;
  here.wait(made.joined, mono_now() - std::chrono::hours{1}, late);
  here.settle();
  EXPECT_EQ(late.heard, result);
}

TEST(flight, a_dropped_leader_completes_it_as_an_internal_failure_once) {
  flight_table table;
  std::vector<waiting_task> waiters(3);
  waiting_room here;
  {
    auto const made = table.join(key_of(1));
    for (auto& one : waiters) here.wait(made.joined, never, one);
    here.settle();
  }
  EXPECT_EQ(table.size(), 0U);
  here.settle();
  for (auto const& one : waiters) EXPECT_TRUE(one.failed_as(fault::internal));
}

task<void> fly_into_trouble(flight_leader lead, bool& began) {
  flight_leader const mine{std::move(lead)};
  began = true;
  throw std::runtime_error{"engine"};
  co_return;
}

TEST(flight, an_exception_of_the_leader_strands_nobody) {
  flight_table table;
  auto made = table.join(key_of(1));
  waiting_task one;
  bool began = false;
  waiting_room here;
  here.wait(made.joined, never, one);
  auto trouble = fly_into_trouble(std::move(*made.lead), began);
  made.lead.reset();  // the leader is already empty
  spawn(here.loop.get_executor(), here.live, "leader", std::move(trouble));
  here.settle();
  here.settle();
  EXPECT_TRUE(began);
  EXPECT_TRUE(one.failed_as(fault::internal));
  EXPECT_EQ(table.size(), 0U);
}

TEST(flight, a_leader_whose_task_never_ran_strands_nobody) {
  flight_table table;
  auto made = table.join(key_of(1));
  waiting_task one;
  waiting_room here;
  here.wait(made.joined, never, one);
  here.settle();
  {
    waiting_room elsewhere;
    bool began = false;
    spawn(elsewhere.loop.get_executor(), elsewhere.live, "leader", fly_into_trouble(std::move(*made.lead), began));
    made.lead.reset();
    EXPECT_EQ(table.size(), 1U);
  }
  here.settle();
  EXPECT_TRUE(one.failed_as(fault::internal));
}

TEST(flight, completing_twice_counts_once) {
  auto const lone = std::make_shared<flight>();
  waiting_task one;
  waiting_room here;
  here.wait(lone, never, one);
  here.settle();
  auto const first = some_result(fault::upstream_busy);
  lone->complete(first);
  lone->complete(some_result(fault::internal));
  here.settle();
  EXPECT_EQ(one.endings, 1);
  EXPECT_EQ(one.heard, first);
  waiting_task late;
  here.wait(lone, never, late);
  here.settle();
  EXPECT_EQ(late.heard, first);
}

TEST(flight, each_waits_no_longer_than_its_own_deadline_and_the_others_stay) {
  flight_table table;
  auto made = table.join(key_of(1));
  waiting_task hurried, patient;
  waiting_room here;
  here.wait(made.joined, mono_now() - std::chrono::seconds{1}, hurried);
  here.wait(made.joined, never, patient);
  here.settle();
  here.settle();
  EXPECT_EQ(hurried.endings, 1);
  EXPECT_EQ(hurried.heard, nullptr);
  EXPECT_EQ(patient.endings, 0);
  auto const result = some_result();
  made.lead->complete(result);
  here.settle();
  EXPECT_EQ(patient.heard, result);
  EXPECT_EQ(hurried.endings, 1);
}

TEST(flight, who_leaves_is_off_the_list) {
  flight_table table;
  auto made = table.join(key_of(1));
  waiting_task hurried, leaver, patient;
  presence here;
  waiting_room hall;
  hall.wait(made.joined, never, patient);
  hall.wait(made.joined, never, leaver, &here);
  hall.settle();
  EXPECT_EQ(made.joined->waiting(), 2U);
  hall.wait(made.joined, mono_now() - std::chrono::seconds{1}, hurried);
  hall.settle();
  hall.settle();
  EXPECT_EQ(made.joined->waiting(), 2U) << "its time is up";
  here.end();
  EXPECT_EQ(made.joined->waiting(), 1U);
  EXPECT_FALSE(made.joined->is_abandoned());
  made.lead->complete(some_result());
  hall.settle();
  EXPECT_EQ(patient.endings, 1);
  EXPECT_EQ(leaver.endings, 1) << "its task goes on all the same";
}

task<void> try_permit(upstream_permits& permits, upstream_permits::request asked, std::optional<bool>& abandoned) {
  auto const got = co_await permits.acquire(asked, fair_queue::position::last);
  abandoned = got.abandoned && !got.granted;
}

TEST(flight, what_all_have_left_gets_no_permit) {
  flight_table table;
  upstream_permits permits{limiter_policy{}, 1};
  waiting_room hall;
  presence here;
  waiting_task hurried, leaver;
  auto const where = hall.loop.get_executor();
  auto const asked = permits.apply(where, requester{}, mono_now() + std::chrono::hours{1}, std::chrono::hours{1});
  auto made = table.join(key_of(1), asked);
  hall.wait(made.joined, mono_now() - std::chrono::seconds{1}, hurried);
  hall.wait(made.joined, never, leaver, &here);
  hall.settle();
  hall.settle();
  EXPECT_FALSE(made.joined->is_abandoned());
  here.end();
  EXPECT_TRUE(made.joined->is_abandoned());
  std::optional<bool> abandoned;
  spawn(where, hall.live, "permit", try_permit(permits, asked, abandoned));
  hall.settle();
  EXPECT_EQ(abandoned, true) << "though there is room";
  made.lead->complete(some_result());
  hall.settle();
}

TEST(flight, everybody_may_leave_and_it_is_still_completed) {
  flight_table table;
  auto made = table.join(key_of(1));
  {
    waiting_task gone;
    waiting_room here;
    here.wait(made.joined, mono_now() - std::chrono::seconds{1}, gone);
    here.loop.run();
    EXPECT_EQ(gone.endings, 1);
    made.lead->complete(some_result());  // wakes a task that has already left
    here.settle();
    EXPECT_EQ(gone.endings, 1);
  }
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace gateway::test::flight_test
