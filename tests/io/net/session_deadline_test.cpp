// How long a client may take, and how a session ends when the process drains. The tests pass the time to the sweep.
#include <gtest/gtest.h>

#include "net/session_bench.hpp"

namespace gateway::test::session_deadline_test {
namespace {

using std::chrono::nanoseconds;
constexpr nanoseconds moment{1};

// Makes sure that a deadline counted from now differs from an earlier one.
mono_time later_than(mono_time before) {
  auto now = mono_now();
  while (now <= before) now = mono_now();
  return now;
}

TEST(session_deadline, an_idle_connection_is_closed_at_its_deadline_not_before) {
  session_bench bench;
  auto const before = mono_now();
  bench.start();
  auto const after = mono_now();
  bench.at.deadlines.sweep(before + bench.limits.idle_timeout - moment);
  bench.run();
  EXPECT_FALSE(bench.ended());
  EXPECT_EQ(bench.deadlines_passed(), 0U);
  bench.at.deadlines.sweep(after + bench.limits.idle_timeout);
  bench.run();
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.deadlines_passed(), 1U);
}

TEST(session_deadline, each_answer_begins_a_new_idle_time) {
  session_bench bench;
  bench.start();
  auto const before = later_than(mono_now());
  bench.send(get("/a"));
  bench.at.deadlines.sweep(before + bench.limits.idle_timeout - moment);
  bench.run();
  EXPECT_FALSE(bench.ended());
  bench.at.deadlines.sweep(mono_now() + bench.limits.idle_timeout);
  bench.run();
  EXPECT_TRUE(bench.ended());
}

TEST(session_deadline, a_head_must_end_in_time_however_its_bytes_trickle_in) {
  session_bench bench;
  bench.start();
  auto const before = mono_now();
  bench.send("G");
  auto const begun = mono_now();
  auto const rest = get("/a").substr(1);
  for (char const byte : rest.substr(0, rest.size() - 1)) {
    later_than(mono_now());
    bench.send({&byte, 1});
  }
  bench.at.deadlines.sweep(before + bench.limits.header_timeout - moment);
  bench.run();
  EXPECT_FALSE(bench.ended());
  later_than(begun);
  bench.at.deadlines.sweep(begun + bench.limits.header_timeout);
  bench.run();
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.received(), "");
  EXPECT_EQ(bench.deadlines_passed(), 1U);
}

TEST(session_deadline, a_head_that_began_behind_another_has_its_own_time) {
  session_bench bench;
  bench.start();
  bench.send("GET");
  auto const before = later_than(mono_now());
  bench.send(get("/a").substr(3) + "GET /b");
  auto const after = mono_now();
  bench.at.deadlines.sweep(before + bench.limits.header_timeout - moment);
  bench.run();
  EXPECT_FALSE(bench.ended());
  bench.at.deadlines.sweep(after + bench.limits.header_timeout);
  bench.run();
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.received(), "GET /a keep\n");
}

TEST(session_deadline, a_waiting_answer_has_no_deadline_of_the_connection) {
  session_bench bench;
  bench.start();
  bench.send(get("/wait/1"));
  bench.at.deadlines.sweep(mono_now() + std::chrono::hours{24});
  bench.run();
  EXPECT_FALSE(bench.ended());
  EXPECT_EQ(bench.deadlines_passed(), 0U);
  bench.service.wake("/wait/1");
  bench.run();
  EXPECT_EQ(bench.received(), "GET /wait/1 keep\n");
  bench.at.deadlines.sweep(mono_now() + bench.limits.idle_timeout);  // afterwards it is an ordinary idle connection
  bench.run();
  EXPECT_TRUE(bench.ended());
}

TEST(session_deadline, a_client_that_does_not_read_is_left) {
  session_bench bench;
  bench.limit_writes(1);
  bench.start();
  auto const before = mono_now();
  bench.client.send(get("/big/1000"));
  for (int step = 0; step < 1000 && bench.writes() < 10; ++step) bench.at.loop.poll_one();
  auto const writing = mono_now();
  bench.at.deadlines.sweep(before + bench.limits.write_timeout - moment);
  for (int step = 0; step < 1000 && bench.writes() < 20; ++step) bench.at.loop.poll_one();
  EXPECT_EQ(bench.deadlines_passed(), 0U);
  bench.at.deadlines.sweep(writing + bench.limits.write_timeout);
  bench.run();
  EXPECT_EQ(bench.deadlines_passed(), 1U);
  EXPECT_TRUE(bench.ended());
  EXPECT_LT(bench.received().size(), 100U);
  EXPECT_TRUE(bench.service.accounts_balance());
  EXPECT_EQ(bench.service.answers, 1);
}

TEST(session_deadline, between_requests_the_idle_time_holds_and_not_that_of_a_head) {
  session_bench bench;
  bench.start();
  for (int i = 0; i < 50; ++i) bench.send(get("/a"));
  bench.at.deadlines.sweep(mono_now() + bench.limits.header_timeout);  // far less than the idle time
  bench.run();
  EXPECT_FALSE(bench.ended());
  EXPECT_EQ(bench.service.answers, 50);
}

TEST(session_drain, an_idle_session_that_was_served_ends_at_once) {
  session_bench bench;
  bench.start();
  bench.send(get("/a"));
  bench.at.phase = worker_phase::draining;
  bench.at.deadlines.drain();
  bench.run();
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.received(), "GET /a keep\n");
  EXPECT_EQ(bench.deadlines_passed(), 0U);
}

// A client that has just connected cannot know that the process drains, so it may still send a request.
TEST(session_drain, one_that_was_not_yet_served_may_ask_once_but_not_for_long) {
  for (bool const connected_before : {true, false}) {
    session_bench asking, silent;
    for (auto* const bench : {&asking, &silent}) {
      if (connected_before) bench->start();
      bench->at.phase = worker_phase::draining;
      bench->at.deadlines.drain();
      if (!connected_before) bench->start();
      bench->run();
      EXPECT_FALSE(bench->ended());
    }
    asking.send(get("/a") + get("/b"));
    EXPECT_EQ(asking.received(), "GET /a close\n");
    EXPECT_TRUE(asking.ended());
    silent.at.deadlines.sweep(mono_now() + std::chrono::seconds{2});
    silent.run();
    EXPECT_TRUE(silent.ended());
  }
}

TEST(session_drain, a_head_that_has_begun_is_answered_and_told_that_this_is_the_end) {
  session_bench bench;
  bench.start();
  auto const request = get("/a");
  bench.send(request.substr(0, 9));
  bench.at.phase = worker_phase::draining;
  bench.at.deadlines.drain();
  bench.run();
  EXPECT_FALSE(bench.ended());
  bench.send(request.substr(9) + get("/b"));
  EXPECT_EQ(bench.received(), "GET /a close\n");
  EXPECT_TRUE(bench.ended());
}

TEST(session_drain, a_waiting_answer_is_waited_for_and_is_the_last) {
  session_bench bench;
  bench.start();
  bench.send(get("/wait/1") + get("/b") + get("/c"));
  bench.at.phase = worker_phase::draining;
  bench.at.deadlines.drain();
  bench.run();
  EXPECT_FALSE(bench.ended());
  bench.service.wake("/wait/1");
  bench.run();
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.received(), "GET /wait/1 close\n");
  EXPECT_TRUE(bench.service.accounts_balance());
}

TEST(session_drain, who_came_by_a_listener_that_goes_is_treated_alike_and_others_are_left_alone) {
  session_bench idle, waiting, other;
  for (auto* const bench : {&idle, &waiting, &other}) bench->start();
  idle.send(get("/a"));
  waiting.send(get("/wait/1") + get("/b"));
  other.send(get("/a"));
  idle.listener_removed = waiting.listener_removed = true;
  for (auto* const bench : {&idle, &waiting, &other}) {
    bench->at.deadlines.drain();
    bench->run();
  }
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(idle.deadlines_passed(), 0U);
  EXPECT_FALSE(waiting.ended());
  waiting.service.wake("/wait/1");
  waiting.run();
  EXPECT_EQ(waiting.received(), "GET /wait/1 close\n");
  EXPECT_TRUE(waiting.ended());
  other.send(get("/b"));
  EXPECT_EQ(other.received(), "GET /a keep\nGET /b keep\n");
}

// The limits on heads are those from the connection's start, because its buffer has that size.
TEST(session_limits, may_change_while_a_head_is_being_read) {
  session_bench bench;
  bench.limits.head.max_bytes = 2048;
  bench.limits.idle_timeout = std::chrono::seconds{1};
  bench.start();
  bench.send(get("/a"));
  auto const longer = get("/b", "X: " + std::string(6000, 'x') + "\r\n");
  bench.send(longer.substr(0, 1500));
  bench.limits.head.max_bytes = 64 * 1024;
  bench.send(longer.substr(1500));
  EXPECT_TRUE(bench.received().starts_with("GET /a keep\nrefused ")) << bench.received();
  EXPECT_TRUE(bench.ended());
}

TEST(session_drain, when_its_time_is_over_everybody_has_to_go) {
  session_bench reading;
  reading.start();
  reading.send("GET /a");
  reading.at.deadlines.expire();
  reading.run();
  EXPECT_TRUE(reading.ended());

  session_bench waiting;
  waiting.start();
  waiting.send(get("/wait/1"));
  waiting.at.deadlines.expire();
  waiting.service.wake("/wait/1");
  waiting.run();
  EXPECT_TRUE(waiting.ended());
  EXPECT_EQ(waiting.received(), "");
  EXPECT_TRUE(waiting.service.accounts_balance());
}

}  // namespace
}  // namespace gateway::test::session_deadline_test
