// What error replies of the engine mean.
#include "core/fleet/engine_error.hpp"

#include <gtest/gtest.h>

namespace gateway::engine_error_test {
namespace {

TEST(engine_error, is_known_by_its_code_alone) {
  EXPECT_EQ(error_of("NOPERM User gateway has no permissions to run the 'evalsha' command"), engine_error::not_allowed);
  EXPECT_EQ(error_of("OOM command not allowed when used memory > 'maxmemory'."), engine_error::full);
  EXPECT_EQ(error_of("READONLY You can't write against a read only replica."), engine_error::replica);
  EXPECT_EQ(error_of("BUSYKEY Target key name already exists."), engine_error::other);
  EXPECT_EQ(error_of("ERR wrong number of arguments: OOM"), engine_error::other);
  EXPECT_EQ(error_of(""), engine_error::other);
}

TEST(engine_error, of_a_command_in_a_script_is_known_also_where_redis_6_puts_it_last) {
  std::string const place =
      "ERR Error running script (call to f_1028a5dba704e1d8a01fd96efeba25bb78f62df2): @user_script:4: @user_script: 4: ";
  EXPECT_EQ(error_of(place + "-READONLY You can't write against a read only replica."), engine_error::replica);
  EXPECT_EQ(error_of(place + "-OOM command not allowed when used memory > 'maxmemory'."), engine_error::full);
  EXPECT_TRUE(explained(place + "-OOM command not allowed").starts_with("OOM command not allowed (its memory is full"));
  EXPECT_EQ(error_of(place + "Wrong number of args calling Redis command From Lua script"), engine_error::other);
  EXPECT_EQ(error_of("ERR Error running script"), engine_error::other);
  EXPECT_EQ(error_of("ERR unknown: -OOM"), engine_error::other);
}

TEST(engine_error, says_what_would_be_right) {
  EXPECT_NE(advice_for(error_of("WRONGPASS x")).find("fleet.password_file"), std::string_view::npos);
  EXPECT_EQ(advice_for(engine_error::other), "");
  EXPECT_EQ(explained("LOADING Redis is loading"), "LOADING Redis is loading (it still reads its data from disk)");
  EXPECT_EQ(explained("ERR \x1b[31m" + std::string(500, 'x')), "ERR \\u001b[31m" + std::string(151, 'x'));
}

TEST(engine_error, a_replica_and_a_wrong_node_send_the_link_elsewhere) {
  EXPECT_TRUE(is_elsewhere(error_of("READONLY x")));
  EXPECT_TRUE(is_elsewhere(error_of("MOVED 1 h:1")));
  EXPECT_FALSE(is_elsewhere(error_of("ASK 1 h:1")));
}

std::string moved(std::string_view reply) {
  engine_address from;
  from.tls = true;
  from.host = "first";
  auto const to = moved_to(reply, from);
  return to ? (to->tls ? "tls " : "") + to->host + " " + std::to_string(to->port) : "none";
}

TEST(engine_error, the_node_that_has_the_keys) {
  EXPECT_EQ(moved("MOVED 3999 127.0.0.1:6381"), "tls 127.0.0.1 6381");
  EXPECT_EQ(moved("MOVED 3999 ::1:6381"), "tls ::1 6381");
  EXPECT_EQ(moved("MOVED 3999 :6381"), "tls first 6381");
  for (auto const* wrong : {"MOVED", "MOVED 3999", "MOVED 3999 h", "MOVED 3999 h:0", "MOVED 3999 h:65536", "MOVED 3999 h:1x",
                            "MOVED 3999 a b:1", "MOVED 3999 \x1b[31m:1", "ASK 3999 h:1"})
    EXPECT_EQ(moved(wrong), "none") << wrong;
}

TEST(engine_error, the_node_to_which_the_keys_of_one_command_have_moved_already) {
  engine_address from;
  from.host = "first";
  auto const to = asked_at("ASK 331 10.0.0.7:6381", from);
  ASSERT_TRUE(to);
  EXPECT_EQ(to->host, "10.0.0.7");
  EXPECT_EQ(to->port, 6381);
  EXPECT_FALSE(asked_at("MOVED 331 10.0.0.7:6381", from));
  EXPECT_FALSE(moved_to("ASK 331 10.0.0.7:6381", from));
}

}  // namespace
}  // namespace gateway::engine_error_test
