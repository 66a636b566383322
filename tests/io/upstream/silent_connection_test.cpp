// Connections whose packets arrive nowhere any more, while new ones work: a filter on the upstream's socket drops what comes in, before TCP
// sees it. The kernel's time-outs are waited for, about half a second a test.
#include <gtest/gtest.h>

#include "upstream/silent_upstream.hpp"

namespace gateway::test::silent_connection_test {
namespace {

using namespace std::chrono_literals;

struct silent_connection : silent_upstream {
  silent_connection() { at.start(); }  // deadlines pass by themselves
  // An idle connection.
  asio::ip::tcp::socket& connect() {
    asked one;
    start(one);
    auto& made = accept();
    EXPECT_TRUE(answer(made, one));
    kept.push_back(std::move(one.got.connection));
    return made;
  }
  void keep_all() {
    for (auto& one : kept) fetch_from->keep(std::move(one));
    kept.clear();
  }
  // So that the exchange ends before the kernel tells that its bytes were not acknowledged.
  void hurry() { settings.timeout = 150ms; }

  std::vector<std::unique_ptr<upstream_connection>> kept;
};

TEST_F(silent_connection, a_read_that_is_not_delivered_is_sent_again_on_a_new_one) {
  auto& dead = connect();
  keep_all();
  drop_input(dead);
  asked one;
  start(one);
  ASSERT_TRUE(answer(accept(), one)) << "long before upstream.timeout";
  EXPECT_FALSE(one.got.result.failed);
  EXPECT_EQ(one.got.repetitions, 1U);
  EXPECT_EQ(at.counters.retries[0].get(), 1U);
}

TEST_F(silent_connection, all_that_are_as_old_go_with_it) {
  for (int i = 0; i < 3; ++i) drop_input(connect());
  keep_all();
  EXPECT_EQ(fetch_from->idle_connections(), 3U);
  asked one;
  start(one);
  ASSERT_TRUE(answer(accept(), one));
  keep(one);
  EXPECT_EQ(fetch_from->idle_connections(), 1U) << "only the new one is left";
}

TEST_F(silent_connection, another_lane_does_not_use_its_old_ones_either) {
  connect();
  keep_all();
  network.silent.note(mono_now());
  asked one;
  start(one);
  ASSERT_TRUE(answer(accept(), one)) << "on a new connection";
  EXPECT_EQ(at.counters.retries[0].get(), 0U);
}

TEST_F(silent_connection, what_answered_after_it_was_found_is_kept) {
  asked one;
  start(one);
  auto& alive = accept();
  network.silent.note(mono_now());
  ASSERT_TRUE(answer(alive, one));
  keep(one);
  EXPECT_EQ(fetch_from->idle_connections(), 1U);
}

TEST_F(silent_connection, a_slow_upstream_that_has_acknowledged_is_waited_for) {
  auto& slow = connect();
  keep_all();
  asked one;
  start(one);
  ASSERT_TRUE(run_until([&] { return slow.available() > 0; }));
  auto const late = mono_now() + 900ms;
  ASSERT_TRUE(run_until([&] { return mono_now() >= late; }));
  EXPECT_FALSE(one.done);
  ASSERT_TRUE(answer(slow, one));
  EXPECT_FALSE(one.got.result.failed);
  EXPECT_EQ(one.got.repetitions, 0U) << "it was asked once";
}

TEST_F(silent_connection, without_a_budget_it_is_waited_for_until_the_end) {
  auto& dead = connect();
  keep_all();
  drop_input(dead);
  while (permits.may_repeat()) continue;
  settings.timeout = 900ms;
  asked one;
  start(one);
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.result.failed, fault::upstream_timeout);
  EXPECT_EQ(one.got.repetitions, 0U);
}

TEST_F(silent_connection, a_write_is_never_sent_again) {
  settings.timeout = 900ms;
  asked one;
  start(one, exchange_kind::write);
  drop_input(accept());
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.result.failed, fault::upstream_timeout);
  EXPECT_EQ(one.got.repetitions, 0U);
}

TEST_F(silent_connection, a_timeout_without_a_byte_discards_what_is_as_old) {
  hurry();
  connect();
  auto& used = connect();
  keep_all();
  asked one;
  start(one);
  ASSERT_TRUE(run_until([&] { return used.available() > 0; })) << "it was acknowledged: the upstream is silent";
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.result.failed, fault::upstream_timeout);
  asked next;
  start(next);
  ASSERT_TRUE(answer(accept(), next)) << "on a new connection";
}

TEST_F(silent_connection, a_timeout_in_the_middle_of_an_answer_discards_nothing_else) {
  hurry();
  auto& other = connect();
  auto& used = connect();
  keep_all();
  asked one;
  start(one);
  ASSERT_TRUE(run_until([&] { return used.available() > 0; }));
  asio::write(used, asio::buffer(std::string_view{"HTTP/1.1 200 OK\r\nContent-"}));
  ASSERT_TRUE(run_until([&] { return one.done; }));
  asked next;
  start(next);
  ASSERT_TRUE(answer(other, next));
}

TEST_F(silent_connection, a_timeout_on_a_new_connection_discards_nothing) {
  hurry();
  auto& other = connect();
  asked one;
  start(one);
  accept();
  keep_all();
  ASSERT_TRUE(run_until([&] { return one.done; }));
  asked next;
  start(next);
  ASSERT_TRUE(answer(other, next));
}

TEST_F(silent_connection, a_probe_uses_a_new_one) {
  drop_input(connect());
  keep_all();
  asked one;
  start(one, exchange_kind::probe);
  ASSERT_TRUE(answer(accept(), one));
  EXPECT_EQ(one.got.repetitions, 0U);
}

}  // namespace
}  // namespace gateway::test::silent_connection_test
