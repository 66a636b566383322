// The link to the engine: commands in a pipeline, what becomes of them in trouble, and the feed.
#include "io/fleet/engine_link.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "fleet/played_engine.hpp"

namespace gateway::test {
namespace {

struct engine_link_ : played_engine {};

TEST_F(engine_link_, many_commands_are_under_way_and_replies_come_in_their_order) {
  link_to();
  connect();
  std::deque<asked> three(3);
  for (int i = 0; i < 3; ++i) run(three[static_cast<std::size_t>(i)], std::to_string(i));
  expect(*commands, by_hash("0") + by_hash("1") + by_hash("2"));
  say(*commands, ":10\r\n-OOM command not allowed\r\n$1\r\nx\r\n");
  ASSERT_TRUE(run_until([&] { return three[2].done; }));
  EXPECT_EQ(three[0].got.reply.number, 10);
  EXPECT_EQ(three[1].got.why, engine_trouble::refused);
  EXPECT_EQ(three[1].got.reply.text, "OOM command not allowed");
  EXPECT_EQ(three[2].got.reply.text, "x");
  auto const counted = link->figures();
  EXPECT_EQ(counted.commands[static_cast<std::size_t>(engine_trouble::none)], 2U);
  EXPECT_EQ(counted.commands[static_cast<std::size_t>(engine_trouble::refused)], 1U);
}

TEST_F(engine_link_, a_script_that_the_engine_has_forgotten_is_sent_once_more_with_its_source) {
  link_to();
  connect();
  asked one;
  run(one, "v");
  expect(*commands, by_hash("v"));
  say(*commands, "-NOSCRIPT No matching script. Please use EVAL.\r\n");
  expect(*commands, command({"EVAL", "return ARGV[1]", "1", "{sg}:k", "v"}));
  say(*commands, "-NOSCRIPT again\r\n");
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.why, engine_trouble::refused);
}

TEST_F(engine_link_, why_commands_are_refused_is_said_until_one_is_not) {
  link_to();
  connect();
  asked one, two, three;
  run(one, "1");
  expect(*commands, by_hash("1"));
  say(*commands, "-OOM command not allowed\r\n");
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_TRUE(link->figures().why_not.starts_with("OOM command not allowed (its memory is full"));
  run(two, "2");
  expect(*commands, by_hash("2"));
  say(*commands, "-MISCONF no\r\n");
  ASSERT_TRUE(run_until([&] { return two.done; }));
  EXPECT_TRUE(link->figures().why_not.starts_with("MISCONF"));
  EXPECT_EQ(link->figures().state, link_state::connected);
  run(three, "3");
  expect(*commands, by_hash("3"));
  say(*commands, ":1\r\n");
  ASSERT_TRUE(run_until([&] { return three.done; }));
  EXPECT_EQ(link->figures().why_not, "");
}

TEST_F(engine_link_, without_a_connection_the_caller_is_told_at_once) {
  link_to();
  asked one;
  run(one, "v");
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.why, engine_trouble::away);
  connect();
}

TEST_F(engine_link_, a_late_reply_costs_one_caller_and_nothing_is_sent_before_it) {
  link_to(std::chrono::milliseconds{1});
  connect();
  asked late;
  run(late, "1");
  expect(*commands, by_hash("1"));
  ASSERT_TRUE(run_until([&] { return late.done; }));
  EXPECT_EQ(late.got.why, engine_trouble::late);
  ASSERT_TRUE(run_until([&] { return link->figures().state == link_state::slow; }));
  asked next;
  run(next, "2");
  ASSERT_TRUE(run_until([&] { return next.done; }));
  EXPECT_EQ(next.got.why, engine_trouble::away);
  say(*commands, ":1\r\n");
  EXPECT_TRUE(run_until([&] { return link->figures().state == link_state::connected; }));
  EXPECT_EQ(link->figures().commands[static_cast<std::size_t>(engine_trouble::late)], 1U);
}

TEST_F(engine_link_, commands_without_a_reply_are_bounded) {
  link_to();
  connect();
  std::deque<asked> many(engine_link::max_commands + 1);
  for (auto& one : many) run(one, "v");
  ASSERT_TRUE(run_until([&] { return many.back().done; }));
  EXPECT_EQ(many.back().got.why, engine_trouble::busy);
  EXPECT_FALSE(many.front().done);
  asked large;
  accepted.clear();  // the engine goes away
  ASSERT_TRUE(run_until([&] { return many.front().done; }));
  EXPECT_EQ(many.front().got.why, engine_trouble::late) << "it may still be carried out";
  connect();
  run(large, std::string(engine_link::max_bytes, 'x'));
  ASSERT_TRUE(run_until([&] { return large.done; }));
  EXPECT_EQ(large.got.why, engine_trouble::busy);
}

TEST_F(engine_link_, what_is_no_reply_ends_the_connection_and_another_is_opened) {
  link_to();
  connect();
  asked one;
  run(one, "v");
  expect(*commands, by_hash("v"));
  say(*commands, "HTTP/1.1 400 Bad Request\r\n");
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.why, engine_trouble::late);
  EXPECT_NE(link->figures().why_not.find("no reply of Redis"), std::string::npos);
  log_in();
  EXPECT_TRUE(run_until([&] { return connected == 2; }));
}

TEST_F(engine_link_, a_reply_to_nothing_ends_the_connection) {
  link_to();
  connect();
  say(*commands, "+OK\r\n");
  EXPECT_TRUE(run_until([&] { return link->figures().state == link_state::away; }));
  EXPECT_EQ(link->figures().why_not, "it answered what was not asked");
}

TEST_F(engine_link_, it_logs_in_and_says_why_it_could_not) {
  link_to(patient, "gateway", "s3cret");
  auto& first = accept();
  expect(first, command({"AUTH", "gateway", "s3cret"}) + greeting());
  say(first, "-WRONGPASS invalid username-password pair or user is disabled.\r\n-NOAUTH x\r\n-NOAUTH x\r\n-NOAUTH x\r\n");
  EXPECT_TRUE(run_until([&] { return link->figures().why_not.find("WRONGPASS") != std::string::npos; }));
  EXPECT_NE(link->figures().why_not.find("fleet.password_file"), std::string::npos);
  EXPECT_EQ(connected, 0);
}

TEST_F(engine_link_, a_replica_is_left_and_the_primary_is_looked_for) {
  link_to();
  log_in(":1\r\n*2\r\n$5\r\nslave\r\n:0\r\n$0\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return link->figures().why_not.find("replica") != std::string::npos; }));
  connect();
  asked one;
  run(one, "v");
  expect(*commands, by_hash("v"));
  say(*commands, "-READONLY You can't write against a read only replica.\r\n");
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.why, engine_trouble::refused);
  log_in();
  EXPECT_TRUE(run_until([&] { return connected == 2; }));
}

TEST_F(engine_link_, the_node_that_has_the_keys_is_followed) {
  link_to();
  connect();
  tcp::acceptor other{outside, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  asked one;
  run(one, "v");
  expect(*commands, by_hash("v"));
  say(*commands, "-MOVED 7 127.0.0.1:" + std::to_string(other.local_endpoint().port()) + "\r\n");
  ASSERT_TRUE(run_until([&] { return one.done; }));
  std::swap(listening, other);
  log_in();
  EXPECT_TRUE(run_until([&] { return connected == 2; }));
}

TEST_F(engine_link_, a_command_that_is_lost_at_another_node_may_have_been_carried_out_there) {
  link_to();
  connect();
  tcp::acceptor other{outside, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  asked one;
  run(one, "v");
  expect(*commands, by_hash("v"));
  say(*commands, "-ASK 7 127.0.0.1:" + std::to_string(other.local_endpoint().port()) + "\r\n");
  std::swap(listening, other);
  auto& node = accept();
  expect(node, command({"ASKING"}) + greeting());
  say(node, "+OK\r\n" + std::string{welcome});
  expect(node, command({"ASKING"}) + by_hash("v"));
  node.close();
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.why, engine_trouble::late) << "its lease must be given back";
}

TEST_F(engine_link_, a_node_without_the_keys_is_left_at_once) {
  link_to();
  tcp::acceptor other{outside, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  auto const port = std::to_string(other.local_endpoint().port());
  log_in("-MOVED 7 127.0.0.1:" + port + "\r\n*1\r\n$6\r\nmaster\r\n$0\r\n\r\n");
  std::swap(listening, other);
  log_in();
  EXPECT_TRUE(run_until([&] { return connected == 1; }));
}

TEST_F(engine_link_, a_user_that_may_not_ask_for_the_role_is_served) {
  link_to();
  connect(":1\r\n-NOPERM x\r\n-NOPERM x\r\n");
  EXPECT_EQ(link->figures().state, link_state::connected);
}

TEST_F(engine_link_, a_quiet_engine_is_asked_for_a_sign_of_life) {
  link_to(patient, "", "", std::chrono::milliseconds{1});
  connect();
  expect(*commands, command({"PING"}));
  expect(*feed, command({"PING"}));
  EXPECT_EQ(commands->available(), 0U);  // one at a time
  say(*commands, "+PONG\r\n");
  expect(*commands, command({"PING"}));
  EXPECT_EQ(link->figures().state, link_state::connected);
}

TEST_F(engine_link_, messages_of_the_feed_are_passed_on) {
  link_to();
  connect();
  say(*feed, "*3\r\n$7\r\nmessage\r\n$9\r\n{sg}:feed\r\n$6\r\nmark 7\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return !messages.empty(); }));
  EXPECT_EQ(messages, std::vector<std::string>{"mark 7"});
}

TEST_F(engine_link_, replies_under_way_are_awaited_at_the_end) {
  link_to();
  connect();
  asked one;
  run(one, "v");
  expect(*commands, by_hash("v"));
  link->end();
  say(*commands, ":1\r\n");
  ASSERT_TRUE(run_until([&] { return one.done; }));
  EXPECT_EQ(one.got.reply.number, 1);
  asked after;
  run(after, "v");
  ASSERT_TRUE(run_until([&] { return after.done; }));
  EXPECT_EQ(after.got.why, engine_trouble::away);
}

}  // namespace
}  // namespace gateway::test
