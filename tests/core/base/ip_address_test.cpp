// Addresses and address ranges in all their notations.
#include "core/base/ip_address.hpp"

#include <gtest/gtest.h>

namespace gateway::ip_address_test {
namespace {

TEST(ip_address, an_ipv4_address_and_its_mapped_form_are_one) {
  EXPECT_EQ(ip_address::parse("192.0.2.1"), ip_address::parse("::ffff:192.0.2.1"));
  EXPECT_EQ(ip_address::parse("192.0.2.1"), ip_address::parse("::FFFF:c000:201"));
  EXPECT_TRUE(ip_address::parse("::ffff:192.0.2.1")->is_ipv4());
  EXPECT_FALSE(ip_address::parse("::192.0.2.1")->is_ipv4());
}

TEST(ip_address, is_loopback_in_each_form) {
  for (auto const* const text : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(ip_address::parse(text)->is_loopback()) << text;
  for (auto const* const text : {"128.0.0.1", "::", "::2", "::127.0.0.1", "7f00::1"})
    EXPECT_FALSE(ip_address::parse(text)->is_loopback()) << text;
}

TEST(ip_address, nothing_else_is_one) {
  using namespace std::string_view_literals;
  for (auto const text : {""sv, "1.2.3"sv, "1.2.3.4.5"sv, "256.1.1.1"sv, "01.2.3.4"sv, "1.2.3.4 "sv, " 1.2.3.4"sv, "1.2.3.4:80"sv,
                          "[::1]"sv, "::1%lo"sv, "fe80::1%eth0"sv, "1.2.3.4/8"sv, "localhost"sv, ":::"sv, "1.2.3.4\0"sv, "0x7f.1"sv,
                          "12345::"sv, "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"sv})
    EXPECT_EQ(ip_address::parse(text), std::nullopt) << text;
}

TEST(hop, may_have_a_port_and_brackets) {
  auto const four = ip_address::parse("192.0.2.1"), six = ip_address::parse("2001:db8::1");
  for (auto const* const text : {"192.0.2.1", "192.0.2.1:80", "192.0.2.1:65535", "192.0.2.1:_x-1", "[::ffff:192.0.2.1]"})
    EXPECT_EQ(parse_hop(text), four) << text;
  for (auto const* const text : {"2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:0", "[2001:db8::1]:_a"})
    EXPECT_EQ(parse_hop(text), six) << text;
}

TEST(hop, that_is_unknown_hidden_or_malformed_is_none) {
  for (auto const* const text :
       {"", "unknown", "_hidden", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:_", "192.0.2.1:+1", "192.0.2.1:80:80", "[192.0.2.1]",
        "[2001:db8::1", "2001:db8::1]", "[2001:db8::1]80", "[2001:db8::1]:", "[2001:db8::1]x", "[]", "a:80", ":80", "\"192.0.2.1\""})
    EXPECT_EQ(parse_hop(text), std::nullopt) << text;
}

struct range_case {
  const char* range;
  const char* inside;  // "" for none
  const char* outside;
};

TEST(address_range, holds_what_begins_alike) {
  for (auto const& [text, inside, outside] : {
           range_case{"10.0.0.0/8", "10.255.1.2", "11.0.0.0"},
           {"10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:9.1.1.1"},
           {"192.0.2.128/25", "192.0.2.128", "192.0.2.127"},
           {"192.0.2.1", "192.0.2.1", "192.0.2.0"},
           {"192.0.2.1/32", "192.0.2.1", "192.0.2.2"},
           {"0.0.0.0/0", "255.255.255.255", "::1"},
           {"::ffff:10.0.0.0/104", "10.9.9.9", "11.9.9.9"},
           {"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"},
           {"2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"},
           {"::1", "::1", "::2"},
           {"::/0", "ffff::1", "192.0.2.1"},
       }) {
    std::string why_not;
    auto const range = address_range::parse(text, why_not);
    ASSERT_TRUE(range) << text << " " << why_not;
    EXPECT_TRUE(range->contains(*ip_address::parse(inside))) << text << " " << inside;
    EXPECT_FALSE(range->contains(*ip_address::parse(outside))) << text << " " << outside;
  }
}

TEST(address_range, says_what_would_be_right) {
  for (auto const& [text, why] : {
           std::pair{"10.0.0.1/8", "write 10.0.0.0/8"},
           {"2001:db8::1/64", "write 2001:db8::/64"},
           {"10.0.0.0/33", "from /0 to /32"},
           {"2001:db8::/129", "from /0 to /128"},
           {"10.0.0.0/", "from /0 to /32"},
           {"10.0.0.0/8/8", "from /0 to /32"},
           {"10.0.0.0/-1", "from /0 to /32"},
           {"10.0.0/8", "such as 10.0.0.0/8"},
           {"proxy.internal", "such as 10.0.0.0/8"},
           {"", "such as 10.0.0.0/8"},
       }) {
    std::string why_not;
    EXPECT_EQ(address_range::parse(text, why_not), std::nullopt) << text;
    EXPECT_NE(why_not.find(why), std::string::npos) << text << ": " << why_not;
  }
}

// Compares each prefix with a bit-by-bit comparison.
TEST(address_range, agrees_with_a_comparison_bit_by_bit) {
  auto const one = *ip_address::parse("2001:db8:1234:5678:9abc:def0:1357:9bdf");
  for (unsigned prefix = 0; prefix <= 128; ++prefix) {
    for (unsigned flipped = 0; flipped < 128; ++flipped) {
      auto other = one;
      other.bytes[flipped / 8] ^= static_cast<std::uint8_t>(0x80U >> flipped % 8);
      ASSERT_EQ((address_range{one, prefix}.contains(other)), flipped >= prefix) << prefix << " " << flipped;
    }
  }
}

}  // namespace
}  // namespace gateway::ip_address_test
