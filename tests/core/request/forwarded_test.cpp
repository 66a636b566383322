// The client of a request that comes through trusted proxies; 10.0.0.0/8 and 2001:db8:f::/48 are trusted.
#include "core/request/forwarded.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "core/request/head.hpp"

namespace gateway::forwarded_test {
namespace {

address_list trusted() {
  std::string why_not;
  address_list list;
  list.ranges = {*address_range::parse("10.0.0.0/8", why_not), *address_range::parse("2001:db8:f::/48", why_not)};
  return list;
}

std::optional<ip_address> client_of(const std::string& fields) { return client_behind(fields, trusted()); }
std::string x(const std::string& value) { return "X-Forwarded-For: " + value + "\r\n"; }
std::string f(const std::string& value) { return "forwarded:" + value + "\r\n"; }

struct way {
  std::string fields;
  const char* client;  // "": none, so the connection's own address counts
};

void expect(const std::vector<way>& ways) {
  for (auto const& [fields, client] : ways) EXPECT_EQ(client_of(fields), ip_address::parse(client)) << fields;
}

TEST(forwarded, the_rightmost_hop_that_is_not_trusted_is_the_client) {
  expect({{x("192.0.2.1"), "192.0.2.1"},
          {x("6.6.6.6, 192.0.2.1"), "192.0.2.1"},
          {x("6.6.6.6, 192.0.2.1, 10.0.0.1"), "192.0.2.1"},
          {x("6.6.6.6,192.0.2.1,10.0.0.1,10.0.0.2"), "192.0.2.1"},
          {x("192.0.2.1:4711"), "192.0.2.1"},
          {x("2001:db8::1"), "2001:db8::1"},
          {x("[2001:db8::1]:4711, 2001:db8:f::9"), "2001:db8::1"},
          {x("::ffff:192.0.2.1, ::ffff:10.0.0.1"), "192.0.2.1"},
          {x("10.0.0.9, 10.0.0.1"), "10.0.0.9"},
          {x("6.6.6.6, 192.0.2.1, , ,"), "192.0.2.1"},
          {f("for=192.0.2.1"), "192.0.2.1"},
          {f("for=6.6.6.6, for=192.0.2.1"), "192.0.2.1"},
          {f("For=\"[2001:db8::1]:4711\";proto=https;by=10.0.0.1"), "2001:db8::1"},
          {f("proto=http ; for=192.0.2.1 , FOR=10.0.0.1;host=\"a,b;c\""), "192.0.2.1"},
          {f("for=\"192.0.2.1:80\""), "192.0.2.1"},
          {f("for=192.0.2.1;ext=\"a \\\" , for=6.6.6.6\""), "192.0.2.1"}});
}

TEST(forwarded, several_lines_are_one_list) {
  expect({{x("6.6.6.6") + "Accept: */*\r\n" + x("192.0.2.1"), "192.0.2.1"},
          {x("6.6.6.6") + x("192.0.2.1") + x("10.0.0.1") + x("10.0.0.2") + x("10.0.0.3") + x("10.0.0.4, 10.0.0.5"), "192.0.2.1"},
          {f("for=6.6.6.6") + f("for=192.0.2.1") + f("for=10.0.0.1"), "192.0.2.1"}});
  std::string many;
  for (int i = 0; i < 20; ++i) many += x("6.6.6." + std::to_string(i));
  EXPECT_EQ(client_of(many + x("192.0.2.1")), ip_address::parse("192.0.2.1")) << "a client's lines do not push out the proxy's";
}

TEST(forwarded, what_cannot_be_read_ends_the_way_and_nothing_further_left_is_guessed) {
  expect({{x("unknown"), ""},
          {x("6.6.6.6, unknown"), ""},
          {x("6.6.6.6, unknown, 10.0.0.1"), "10.0.0.1"},
          {x("6.6.6.6, 10.0.0.1x, 10.0.0.2"), "10.0.0.2"},
          {x("6.6.6.6, fe80::1%eth0"), ""},
          {x("6.6.6.6, \"192.0.2.1\""), ""},
          {x("6.6.6.6 192.0.2.1"), ""},
          {f("for=6.6.6.6, for=_hidden"), ""},
          {f("for=6.6.6.6, for=unknown, for=10.0.0.1"), "10.0.0.1"},
          {f("for=6.6.6.6, proto=https"), ""},
          {f("for=6.6.6.6;for=192.0.2.1"), ""},
          {f("for=6.6.6.6, 192.0.2.1"), ""},
          {f("for=6.6.6.6, for="), ""},
          {f("for=6.6.6.6, for=\"192.0.2.1"), ""},
          {f("for=6.6.6.6, for=192.0.2.1\""), ""},
          {f("for=6.6.6.6, for =192.0.2.1"), ""}});
}

// An unterminated quoted string from a client would swallow what the proxy appends to it.
TEST(forwarded, an_open_string_hides_a_client_but_makes_it_nobody_else) {
  for (auto const* const said : {"for=6.6.6.6;x=\"", "for=6.6.6.6, x=\"\\", "for=6.6.6.6, for=\"", "\"", "for=6.6.6.6;x=\"a\\\""}) {
    for (auto const* const added : {", for=192.0.2.1", ", for=\"[2001:db8::1]:80\";proto=https", ", for=\"192.0.2.1:80\";by=\"_a\""}) {
      auto const client = client_of(f(std::string{said} + added));
      EXPECT_TRUE(!client || client == ip_address::parse("192.0.2.1") || client == ip_address::parse("2001:db8::1")) << said << added;
    }
  }
}

// A proxy that sets one of the fields forwards the other one as the client sent it.
TEST(forwarded, two_fields_that_contradict_each_other_name_nobody) {
  expect({{f("for=6.6.6.6") + x("192.0.2.1"), ""},
          {x("6.6.6.6") + f("for=192.0.2.1"), ""},
          {f("") + x("192.0.2.1"), ""},
          {f("for=unknown") + x("192.0.2.1"), ""},
          {f("for=\"192.0.2.1:80\"") + x("192.0.2.1"), "192.0.2.1"},
          {f("for=7.7.7.7, for=192.0.2.1") + x("6.6.6.6, 192.0.2.1, 10.0.0.1"), "192.0.2.1"}});
}

TEST(forwarded, other_fields_are_none_of_it) {
  expect({{"", ""},
          {"Accept: */*\r\n", ""},
          {"X-Forwarded-Fo: 192.0.2.1\r\n", ""},
          {"X-Forwarded-For-X: 192.0.2.1\r\nX-Real-IP: 192.0.2.1\r\nForwarded-For: 192.0.2.1\r\n", ""}});
}

TEST(forwarded, so_many_hops_and_no_more) {
  std::string hops = "192.0.2.1", elements = "for=192.0.2.1";
  for (std::size_t i = 1; i < max_hops; ++i) hops += ", 10.0.0." + std::to_string(i), elements += ", for=10.0.0." + std::to_string(i);
  EXPECT_EQ(client_of(x(hops)), ip_address::parse("192.0.2.1"));
  EXPECT_EQ(client_of(f(elements)), ip_address::parse("192.0.2.1"));
  EXPECT_EQ(client_of(x(hops + ", 10.0.1.0")), ip_address::parse("10.0.0.1"));
  EXPECT_EQ(client_of(f(elements + ", for=10.0.1.0")), ip_address::parse("10.0.0.1"));
}

TEST(forwarded, is_read_from_a_head_as_it_came) {
  auto const head =
      parse_head("GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6\r\nx-forwarded-for:  192.0.2.1 \r\n\r\n", head_limits());
  ASSERT_TRUE(head);
  EXPECT_EQ(client_of(std::string{head->fields}), ip_address::parse("192.0.2.1"));
  auto const bare = parse_head("GET / HTTP/1.0\r\n\r\n", head_limits());
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->fields, "");
}

// Whatever the client sends, behind a proxy that appends to the field the client is the address that the proxy saw.
TEST(forwarded, nothing_that_a_client_says_makes_it_somebody_else) {
  std::mt19937 chance{7};
  constexpr std::string_view pieces[]{"for=", "6.6.6.6", ",",   ", ",  ";", "\"", "\\", "unknown", "10.0.0.1",
                                      "[",    "]",       "::1", ":80", " ", "=",  "x",  "by="};
  auto const seen = ip_address::parse("192.0.2.1");
  for (int round = 0; round < 50'000; ++round) {
    std::string said;
    for (auto left = chance() % 12; left > 0; --left) said += pieces[chance() % std::size(pieces)];
    EXPECT_EQ(client_of(x(said + (said.empty() ? "" : ", ") + "192.0.2.1")), seen) << said;
    EXPECT_EQ(client_of(x(said) + x("192.0.2.1")), seen) << said;
    EXPECT_EQ(client_of(f(said) + f("for=192.0.2.1")), seen) << said;
    auto const joined = client_of(f(said + ", for=192.0.2.1"));
    EXPECT_TRUE(!joined || joined == seen) << said;
  }
}

}  // namespace
}  // namespace gateway::forwarded_test
