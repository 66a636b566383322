// Plaintext connections to an upstream that the test plays: opened, reused and distrusted.
#include "io/upstream/pool.hpp"

#include <gtest/gtest.h>

#include "upstream/played_upstream.hpp"

namespace gateway::test::pool_test {
namespace {

using upstream_test = played_upstream;

TEST_F(upstream_test, an_idle_connection_is_used_again) {
  asked first, second;
  start(first);
  auto& connection = accept();
  ASSERT_TRUE(answer(connection, first));
  EXPECT_EQ(first.got.result.answer.body, "hi");
  keep(first);
  EXPECT_EQ(fetch_from->idle_connections(), 1U);
  start(second);
  ASSERT_TRUE(answer(connection, second));
  EXPECT_FALSE(second.got.result.failed);
  EXPECT_EQ(fetch_from->idle_connections(), 0U);
}

TEST_F(upstream_test, what_must_not_be_repeated_gets_a_new_connection_and_gives_it_back) {
  asked first, second;
  start(first);
  ASSERT_TRUE(answer(accept(), first));
  keep(first);
  start(second, exchange_kind::write);
  ASSERT_TRUE(answer(accept(), second)) << "not over the idle one, which may be dying";
  EXPECT_TRUE(second.got.result.sent);
  keep(second);
  EXPECT_EQ(fetch_from->idle_connections(), 2U);
}

TEST_F(upstream_test, what_must_not_be_repeated_is_not) {
  asked one;
  start(one, exchange_kind::write);
  auto& connection = accept();
  ASSERT_TRUE(run_until([&] { return connection.available() > 0; }));
  connection.close();
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.result.failed, fault::upstream_protocol);
  EXPECT_TRUE(one.got.result.sent) << "it may have been carried out";
  EXPECT_EQ(at.counters.retries[0].get(), 0U);
}

TEST_F(upstream_test, what_reached_nobody_was_not_sent) {
  listening.close();
  asked one;
  start(one, exchange_kind::write);
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.result.failed, fault::upstream_unreachable);
  EXPECT_FALSE(one.got.result.sent);
}

TEST_F(upstream_test, what_sent_too_much_is_not_kept) {
  asked one;
  start(one);
  ASSERT_TRUE(answer(accept(), one, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"));
  EXPECT_EQ(one.got.result.answer.body, "hi");
  keep(one);
  EXPECT_EQ(fetch_from->idle_connections(), 0U);
}

TEST_F(upstream_test, what_failed_in_the_middle_is_not_kept) {
  for (std::string_view const begun :
       {"HTTP/1.1 200 OK\r\nContent-Length: 4000000000\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"}) {
    asked one;
    start(one);
    ASSERT_TRUE(answer(accept(), one, begun));
    EXPECT_TRUE(one.got.result.failed);
    keep(one);
    EXPECT_EQ(fetch_from->idle_connections(), 0U) << begun;
  }
}

TEST_F(upstream_test, what_says_close_is_not_kept) {
  asked one;
  start(one);
  ASSERT_TRUE(answer(accept(), one, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"));
  keep(one);
  EXPECT_EQ(fetch_from->idle_connections(), 0U);
}

TEST_F(upstream_test, a_connection_that_spoke_while_idle_is_not_used_again) {
  asked first, second;
  start(first);
  auto& spoilt = accept();
  ASSERT_TRUE(answer(spoilt, first));
  keep(first);
  asio::write(spoilt, asio::buffer(ok.data(), ok.size()));
  start(second);
  auto& fresh = accept();
  ASSERT_TRUE(answer(fresh, second));
  EXPECT_FALSE(second.got.result.failed);
  EXPECT_EQ(at.counters.retries[0].get(), 0U);
}

TEST_F(upstream_test, a_connection_that_was_closed_while_idle_is_not_used_again) {
  asked first, second;
  start(first);
  auto& closed = accept();
  ASSERT_TRUE(answer(closed, first));
  keep(first);
  closed.close();
  start(second);
  ASSERT_TRUE(answer(accept(), second));
  EXPECT_FALSE(second.got.result.failed);
  EXPECT_EQ(at.counters.retries[0].get(), 0U);
}

TEST_F(upstream_test, a_used_connection_that_dies_without_a_byte_is_repeated_once_on_a_new_one) {
  asked first, second;
  start(first);
  auto& dying = accept();
  ASSERT_TRUE(answer(dying, first));
  keep(first);
  start(second);
  ASSERT_TRUE(run_until([&] { return dying.available() > 0; }));
  dying.close();
  ASSERT_TRUE(run_until([&] { return at.counters.retries[0].get() == 1; }));
  ASSERT_TRUE(answer(accept(), second));
  EXPECT_FALSE(second.got.result.failed);
}

// RFC 9110 §15.5.9: the upstream gave up waiting for a request just when this one was sent.
TEST_F(upstream_test, a_used_connection_that_ends_with_a_408_is_repeated_once_on_a_new_one) {
  static constexpr std::string_view timed_out = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  asked first, second;
  start(first);
  auto& ending = accept();
  ASSERT_TRUE(answer(ending, first));
  keep(first);
  start(second);
  ASSERT_TRUE(run_until([&] { return ending.available() > 0; }));
  asio::write(ending, asio::buffer(timed_out));
  ASSERT_TRUE(run_until([&] { return at.counters.retries[0].get() == 1; }));
  auto& fresh = accept();
  ASSERT_TRUE(run_until([&] { return fresh.available() > 0; }));
  asio::write(fresh, asio::buffer(timed_out));
  ASSERT_TRUE(run_until([&] { return second.done; }));
  EXPECT_EQ(second.got.result.answer.status, 408) << "once: then it is the answer";
  EXPECT_EQ(at.counters.retries[0].get(), 1U);
}

TEST_F(upstream_test, a_408_that_leaves_the_connection_open_is_the_answer) {
  static constexpr std::string_view timed_out = "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n";
  asked first, second;
  start(first);
  auto& staying = accept();
  ASSERT_TRUE(answer(staying, first));
  keep(first);
  start(second);
  ASSERT_TRUE(run_until([&] { return staying.available() > 0; }));
  asio::write(staying, asio::buffer(timed_out));
  ASSERT_TRUE(run_until([&] { return second.done; }));
  EXPECT_EQ(second.got.result.answer.status, 408);
  EXPECT_EQ(at.counters.retries[0].get(), 0U);
}

TEST_F(upstream_test, nothing_is_repeated_when_the_budget_for_it_is_spent) {
  asked first, second;
  start(first);
  auto& dying = accept();
  ASSERT_TRUE(answer(dying, first));
  keep(first);
  while (permits.may_repeat()) continue;
  start(second);
  ASSERT_TRUE(run_until([&] { return dying.available() > 0; }));
  dying.close();
  ASSERT_TRUE(run_until([&] { return second.done; })) << "and no new connection";
  EXPECT_EQ(second.got.result.failed, fault::upstream_protocol);
  EXPECT_EQ(at.counters.retries[0].get(), 0U);
}

TEST_F(upstream_test, an_answer_that_has_begun_is_not_asked_for_again) {
  asked first, second;
  start(first);
  auto& dying = accept();
  ASSERT_TRUE(answer(dying, first));
  keep(first);
  start(second);
  ASSERT_TRUE(run_until([&] { return dying.available() > 0; }));
  asio::write(dying, asio::buffer("H", 1));
  dying.shutdown(tcp::socket::shutdown_send);
  ASSERT_TRUE(run_until([&] { return second.done; }));
  EXPECT_EQ(second.got.result.failed, fault::upstream_protocol);
  EXPECT_EQ(at.counters.retries[0].get(), 0U);
}

TEST_F(upstream_test, a_new_connection_that_dies_is_not_repeated) {
  asked one;
  start(one);
  auto& dying = accept();
  ASSERT_TRUE(run_until([&] { return dying.available() > 0; }));
  dying.close();
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.result.failed, fault::upstream_protocol);
  EXPECT_EQ(at.counters.retries[0].get(), 0U);
}

TEST_F(upstream_test, silence_ends_at_the_deadline_as_a_timeout) {
  asked one;
  start(one);
  auto& silent = accept();
  ASSERT_TRUE(run_until([&] { return silent.available() > 0; }));
  at.deadlines.sweep(mono_now() + settings.timeout);
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.result.failed, fault::upstream_timeout);
  keep(one);
  EXPECT_EQ(fetch_from->idle_connections(), 0U);
}

TEST_F(upstream_test, an_idle_connection_ages_and_closes) {
  settings.idle_timeout = span{0};
  fetch_anew();
  asked first, second;
  start(first);
  ASSERT_TRUE(answer(accept(), first));
  keep(first);
  EXPECT_EQ(fetch_from->idle_connections(), 1U);
  at.deadlines.sweep(mono_now());
  EXPECT_EQ(fetch_from->idle_connections(), 0U);
  start(second);
  ASSERT_TRUE(answer(accept(), second));
  EXPECT_FALSE(second.got.result.failed);
}

TEST_F(upstream_test, an_idle_connection_is_not_ended_by_the_deadline_of_its_last_exchange) {
  asked first, second;
  start(first);
  auto& connection = accept();
  ASSERT_TRUE(answer(connection, first));
  keep(first);
  at.deadlines.sweep(mono_now() + settings.timeout);
  EXPECT_EQ(fetch_from->idle_connections(), 1U);
  start(second);
  ASSERT_TRUE(answer(connection, second));
  EXPECT_FALSE(second.got.result.failed);
}

TEST_F(upstream_test, nobody_listens) {
  listening.close();
  asked one;
  start(one);
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.result.failed, fault::upstream_unreachable);
}

TEST_F(upstream_test, while_draining_nothing_is_kept_and_idle_ones_close) {
  asked first, second;
  start(first);
  auto& kept = accept();
  ASSERT_TRUE(answer(kept, first));
  start(second);
  ASSERT_TRUE(answer(accept(), second));
  keep(first);
  EXPECT_EQ(fetch_from->idle_connections(), 1U);
  at.phase = worker_phase::draining;
  fetch_from->drain();
  keep(second);
  EXPECT_EQ(fetch_from->idle_connections(), 0U);
  error_code end;
  char byte;
  kept.read_some(asio::buffer(&byte, 1), end);
  EXPECT_EQ(end, asio::error::eof);
}

TEST_F(upstream_test, what_other_authorities_vouched_for_is_not_used_again) {
  asked first, second, third;
  start(first);
  ASSERT_TRUE(answer(accept(), first));
  start(second);
  ASSERT_TRUE(answer(accept(), second));
  keep(first);
  fetch_from->settings_changed(10, 0, nullptr);
  EXPECT_EQ(fetch_from->idle_connections(), 1U) << "the same authorities";
  fetch_from->settings_changed(10, 0, std::make_shared<client_tls>(where(), "system"));
  EXPECT_EQ(fetch_from->idle_connections(), 0U);
  keep(second);
  EXPECT_EQ(fetch_from->idle_connections(), 0U) << "it was in use in that moment";
  start(third);
  ASSERT_TRUE(answer(accept(), third));
  keep(third);
  EXPECT_EQ(fetch_from->idle_connections(), 1U);
}

TEST_F(upstream_test, other_settings_hold_for_what_begins_after_them) {
  asked first, second;
  start(first);
  ASSERT_TRUE(answer(accept(), first));
  settings.max_connection_age = std::chrono::nanoseconds{1};
  keep(first);
  EXPECT_EQ(fetch_from->idle_connections(), 0U) << "it is too old now";
  settings.max_connection_age = std::chrono::minutes{1};
  fetch_from->settings_changed(0, 0, nullptr);
  start(second);
  ASSERT_TRUE(answer(accept(), second));
  keep(second);
  EXPECT_EQ(fetch_from->idle_connections(), 0U) << "none is kept any more";
}

TEST_F(upstream_test, what_has_been_open_for_too_long_is_not_kept_and_closes_while_idle) {
  asked first;
  start(first);
  ASSERT_TRUE(answer(accept(), first));
  auto const opened = first.got.connection->connected_at();
  upstream_pool pool{at, 2, settings, network.silent};
  pool.give_back(std::move(first.got.connection), opened + settings.max_connection_age - std::chrono::seconds{1});
  EXPECT_EQ(pool.idle_count(), 1U);
  EXPECT_EQ(pool.deadline(), opened + settings.max_connection_age) << "sooner than by idleness";
  asked second;
  start(second);
  ASSERT_TRUE(answer(accept(), second));
  auto const later = second.got.connection->connected_at() + settings.max_connection_age;
  pool.give_back(std::move(second.got.connection), later + std::chrono::nanoseconds{1});
  EXPECT_EQ(pool.idle_count(), 1U);
}

TEST_F(upstream_test, so_many_are_kept_warm_until_the_end) {
  at.start_task("warm", fetch_from->keep_warm(2));
  accept();
  accept();
  ASSERT_TRUE(run_until([&] { return fetch_from->idle_connections() == 2; }));
  asked one;
  start(one);
  ASSERT_TRUE(answer(*accepted.back(), one)) << "over one that was open already";
  accept();  // replaces the one in use
  fetch_from->settings_changed(10, 3, nullptr);
  accept();  // the new setting requires one more
  ASSERT_TRUE(run_until([&] { return fetch_from->idle_connections() == 3; }));
  at.phase = worker_phase::draining;
  fetch_from->drain();
  EXPECT_TRUE(run_until([&] { return at.live.count() == 0; }));
}

TEST_F(upstream_test, while_nothing_can_be_opened_warming_tries_ever_more_seldom) {
  listening.close();
  at.start_task("warm", fetch_from->keep_warm(1));
  at.loop.run_for(std::chrono::milliseconds{50});
  EXPECT_EQ(at.live.count(), 1U) << "it waits";
  at.phase = worker_phase::draining;
  fetch_from->drain();
  EXPECT_TRUE(run_until([&] { return at.live.count() == 0; }));
}

TEST_F(upstream_test, the_most_recently_used_goes_first_and_only_so_many_are_kept) {
  upstream_pool pool{at, 2, settings, network.silent};
  std::array<asked, 3> all;
  for (auto& one : all) {
    start(one);
    ASSERT_TRUE(answer(accept(), one));
  }
  std::array<upstream_connection*, 3> const known{all[0].got.connection.get(), all[1].got.connection.get(), all[2].got.connection.get()};
  for (auto& one : all) pool.give_back(std::move(one.got.connection), mono_now());
  EXPECT_EQ(pool.idle_count(), 2U);
  EXPECT_EQ(pool.take().get(), known[1]);
  EXPECT_EQ(pool.take().get(), known[0]);
  EXPECT_EQ(pool.take(), nullptr);
}

}  // namespace
}  // namespace gateway::test::pool_test
