// Valid PROXY headers, and byte sequences that are none.
#include "core/request/proxy_protocol.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "request/proxy_headers.hpp"

namespace gateway::test::proxy_protocol_test {
namespace {

using state = proxy_header::state;

// "own", an address, or the reason of the refusal.
std::string told(const proxy_header& one) {
  if (one.is == state::need_more) return "more";
  if (one.is == state::refused)
    return one.why == proxy_fault::missing ? "missing" : one.why == proxy_fault::malformed ? "malformed" : "too long";
  if (!one.source) return "own";
  if (one.source == ip_address::parse("192.0.2.7")) return "192.0.2.7";
  if (one.source == ip_address::parse("2001:db8::7")) return "2001:db8::7";
  return "somebody";
}
std::string told(std::string_view bytes) { return told(read_proxy_header(bytes)); }

struct header_case {
  std::string bytes;
  std::string_view what;
};

constexpr int local = 0x20, proxied = 0x21;
const std::string unix_addresses(216, '/');

const std::vector<header_case>& headers() {
  static std::vector<header_case> const all{
      {"PROXY TCP4 192.0.2.7 198.51.100.1 12345 443\r\n", "192.0.2.7"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 0 65535\r\n", "192.0.2.7"},
      {"PROXY TCP6 2001:db8::7 2001:db8::1 12345 443\r\n", "2001:db8::7"},
      {"PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n", "192.0.2.7"},
      {"PROXY UNKNOWN\r\n", "own"},
      {"PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n", "own"},
      {"PROXY UNKNOWN " + std::string(91, 'x') + "\r\n", "own"},  // 107 bytes: the longest
      {v2(proxied, 0x11, ipv4_addresses), "192.0.2.7"},
      {v2(proxied, 0x12, ipv4_addresses), "192.0.2.7"},
      {v2(proxied, 0x21, ipv6_addresses), "2001:db8::7"},
      {v2(proxied, 0x22, ipv6_addresses), "2001:db8::7"},
      {v2(proxied, 0x31, unix_addresses), "own"},
      {v2(proxied, 0x00, ""), "own"},
      {v2(proxied, 0x00, "whatever"), "own"},
      {v2(local, 0x00, ""), "own"},
      {v2(local, 0x11, ipv4_addresses), "own"},
      {v2(local, 0xff, "whatever"), "own"},
      {v2(proxied, 0x11, ipv4_addresses + tlv(1, "h2") + tlv(2, "example.com") + tlv(0x20, std::string(300, 's')) + tlv(0xea, "")),
       "192.0.2.7"},
      {v2(proxied, 0x21, ipv6_addresses + tlv(4, "")), "2001:db8::7"},
      {v2(proxied, 0x11, ipv4_addresses + tlv(4, std::string(4080 - 12 - 3, '\0'))), "192.0.2.7"},  // the longest
  };
  return all;
}

const std::vector<header_case>& refusals() {
  static std::vector<header_case> const all{
      {"GET / HTTP/1.1\r\n", "missing"},
      {"PROXIED", "missing"},
      {"proxy TCP4 192.0.2.7 198.51.100.1 1 2\r\n", "missing"},
      {" PROXY TCP4", "missing"},
      {"\x16\x03\x01", "missing"},
      {"\r\n\r\nGET", "missing"},
      {{"\r\n\r\n\0\r\nQUIX", 11}, "missing"},
      {"PROXY \r\n", "malformed"},
      {"PROXY TCP4\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 1\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 1 2 \r\n", "malformed"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n", "malformed"},
      {"PROXY  TCP4 192.0.2.7 198.51.100.1 1 2\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.7  198.51.100.1 1 2\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 -1 2\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.07 198.51.100.1 1 2\r\n", "malformed"},
      {"PROXY TCP4 2001:db8::7 198.51.100.1 1 2\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.7 2001:db8::1 1 2\r\n", "malformed"},
      {"PROXY TCP6 192.0.2.7 192.0.2.8 1 2\r\n", "malformed"},
      {"PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n", "malformed"},
      {"PROXY TCP5 192.0.2.7 198.51.100.1 1 2\r\n", "malformed"},
      {"PROXY UNKNOWNX\r\n", "malformed"},
      {"PROXY unknown\r\n", "malformed"},
      {"PROXY UNKNOWN " + std::string(92, 'x') + "\r\n", "too long"},
      {"PROXY " + std::string(200, 'x'), "too long"},
      {v2(0x11, 0x11, ipv4_addresses), "malformed"},
      {v2(0x31, 0x11, ipv4_addresses), "malformed"},
      {v2(0x22, 0x11, ipv4_addresses), "malformed"},
      {v2(proxied, 0x11, ipv4_addresses.substr(1)), "malformed"},
      {v2(proxied, 0x21, ipv6_addresses.substr(1)), "malformed"},
      {v2(proxied, 0x21, ipv4_addresses), "malformed"},
      {v2(proxied, 0x31, unix_addresses.substr(1)), "malformed"},
      {v2(proxied, 0x41, ipv4_addresses), "malformed"},
      {v2(proxied, 0x10, ipv4_addresses), "malformed"},
      {v2(proxied, 0x13, ipv4_addresses), "malformed"},
      {v2(proxied, 0x03, ""), "malformed"},
      {v2(proxied, 0x11, ipv4_addresses + "\x04"), "malformed"},
      {v2(proxied, 0x11, ipv4_addresses + std::string{"\x04\0", 2}), "malformed"},
      {v2(proxied, 0x11, ipv4_addresses + std::string{"\x04\0\x01", 3}), "malformed"},
      {v2(proxied, 0x11, ipv4_addresses + std::string{"\x04\xff\xff", 3}), "malformed"},
      {v2(proxied, 0x11, std::string(4081, '\0')), "too long"},
      {v2(proxied, 0x11, std::string(65535, '\0')), "too long"},
      {v2(local, 0x00, std::string(65535, '\0')), "too long"},
  };
  return all;
}

TEST(proxy_protocol, tells_for_whom) {
  for (auto const& [bytes, what] : headers()) {
    EXPECT_EQ(told(bytes), what) << testing::PrintToString(bytes);
    EXPECT_EQ(read_proxy_header(bytes).size, bytes.size());
    EXPECT_EQ(read_proxy_header(bytes + "GET / HTTP/1.1\r\n").size, bytes.size()) << "what follows is not its own";
  }
}

TEST(proxy_protocol, what_is_not_well_formed_is_refused_by_its_name) {
  for (auto const& [bytes, what] : refusals()) EXPECT_EQ(told(bytes), what) << testing::PrintToString(bytes.substr(0, 80));
}

// However the bytes are split, the result is the same, and it is never known too early.
TEST(proxy_protocol, any_split_gives_the_same) {
  for (auto const* const all : {&headers(), &refusals()}) {
    for (auto const& [bytes, what] : *all) {
      bool over = false;
      for (std::size_t size = 0; size <= bytes.size(); ++size) {
        auto const now = told(std::string_view{bytes}.substr(0, size));
        if (now != "more") over = true;
        ASSERT_EQ(now, over ? what : "more") << size << " of " << testing::PrintToString(bytes.substr(0, 80));
      }
      EXPECT_TRUE(over);
    }
  }
}

// The checksum of an example made by another program (Python's crc32c, with the field set to zero).
TEST(proxy_protocol, a_checksum_that_is_there_must_be_right) {
  auto const with = [](std::string_view sum) { return v2(proxied, 0x11, ipv4_addresses + tlv(2, "h") + tlv(3, sum)); };
  auto good = with(std::string{"\xf3\xca\x65\x98", 4});
  EXPECT_EQ(told(good), "192.0.2.7");
  for (std::size_t i = 16; i < good.size() - 7; ++i) {
    if (i >= 28 && i < 31) continue;  // the length of the part before it
    auto other = good;
    other[i] ^= 1;
    EXPECT_EQ(told(other), "malformed") << i;
  }
  EXPECT_EQ(told(with("123")), "malformed");
  EXPECT_EQ(told(with("12345")), "malformed");
  EXPECT_EQ(told(v2(proxied, 0x11, ipv4_addresses + tlv(3, "\1\2\3\4"))), "malformed");
}

TEST(proxy_protocol, a_second_checksum_is_one_too_many) {
  auto twice = v2(proxied, 0x11, ipv4_addresses + tlv(3, "0000") + tlv(3, "0000"));
  EXPECT_EQ(told(twice), "malformed");
}

TEST(proxy_protocol, any_bytes_behind_the_signature_are_judged) {
  std::mt19937 chance{1};
  for (int round = 0; round < 20'000; ++round) {
    std::string rest(chance() % 60, '\0');
    for (char& one : rest) one = static_cast<char>(chance());
    auto const header = v2(chance() % 2 == 0 ? proxied : static_cast<int>(chance() % 256), static_cast<int>(chance() % 256), rest);
    auto const found = read_proxy_header(header);
    ASSERT_NE(found.is, state::need_more);
    ASSERT_EQ(found.size, found.is == state::complete ? header.size() : 0);
  }
}

}  // namespace
}  // namespace gateway::test::proxy_protocol_test
