// Which requests are loops, and which names they carry on (RFC 9110 §7.6.3).
#include "core/request/via.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::via_test {
namespace {

constexpr std::string_view own = "summary-gateway-00000000000000ab";

// A request with these field lines. It owns its bytes.
struct received {
  explicit received(const std::string& fields) : bytes("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n") {
    auto const parsed = parse_head(bytes, head_limits{.max_bytes = 1 << 20});
    EXPECT_TRUE(parsed) << fields;
    if (parsed) head = *parsed;
  }
  std::string bytes;
  request_head head;
};

bool loops(const std::string& fields) { return is_loop(received{fields}.head, own); }
std::string goes_on(const std::string& fields) { return received_via(received{fields}.head); }

std::string proxies(std::size_t count) {
  std::string line = "Via: 1.1 p0";
  for (std::size_t i = 1; i < count; ++i) line += ", 1.1 p" + std::to_string(i);
  return line + "\r\n";
}

TEST(via, a_name_is_of_one_process) {
  EXPECT_EQ(via_name(0xab), own);
  EXPECT_NE(via_name(1), via_name(2));
}

TEST(via, our_own_name_is_a_loop_wherever_it_stands) {
  for (auto const* const fields : {
           "Via: 1.1 summary-gateway-00000000000000ab\r\n",
           "vIA:1.1 summary-gateway-00000000000000ab\r\n",
           "Via: HTTP/1.1   Summary-Gateway-00000000000000AB:8080\r\n",
           "Via: 1.0 a, 1.1 summary-gateway-00000000000000ab, 2 b\r\n",
           "Via: 1.0 a\r\nAccept: */*\r\nVia: 1.1 b\r\nVia: 1.1 c\r\nVia: 1.1 d\r\nVia: 1.1 e,1.1 summary-gateway-00000000000000ab\r\n",
           "Via: 1.1 summary-gateway-00000000000000ab (a, \\) (b))\r\n",
           "Via: 1.1 a (x, y), 1.1 summary-gateway-00000000000000ab\r\n",
           "Via: 1.1 a (never closed, 1.1 summary-gateway-00000000000000ab\r\n",
           "Via: , ,1.1\tsummary-gateway-00000000000000ab,\r\n",
       })
    EXPECT_TRUE(loops(fields)) << fields;
}

TEST(via, another_name_is_none) {
  for (auto const* const fields : {
           "",
           "Via: \r\n",
           "X-Via: 1.1 summary-gateway-00000000000000ab\r\n",
           "Via: 1.1 summary-gateway-00000000000000ac\r\n",
           "Via: 1.1 summary-gateway\r\n",
           "Via: 1.1 summary-gateway-00000000000000abc\r\n",
           "Via: 1.1 a (1.1 b, 1.1 summary-gateway-00000000000000ab)\r\n",
           "Via: 1.1 a (\\), 1.1 summary-gateway-00000000000000ab)\r\n",
           "Via: summary-gateway-00000000000000ab\r\n",
       })
    EXPECT_FALSE(loops(fields)) << fields;
}

TEST(via, more_than_eight_proxies_are_a_loop) {
  EXPECT_FALSE(loops(proxies(8)));
  EXPECT_TRUE(loops(proxies(9)));
  EXPECT_FALSE(loops(proxies(4) + proxies(4)));
  EXPECT_TRUE(loops(proxies(4) + "Accept: */*\r\n" + proxies(5)));
  EXPECT_FALSE(loops("Via: 1.1 a (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)\r\n")) << "a comment's commas separate nothing";
  EXPECT_TRUE(loops("Via: ?, ?, ?, ?, ?, ?, ?, ?, ?\r\n")) << "what cannot be read counts as well";
  EXPECT_FALSE(loops("Via: , , , , , , , , , ,1.1 a\r\n")) << "empty elements do not";
}

TEST(via, names_go_on_without_their_comments) {
  EXPECT_EQ(goes_on(""), "");
  EXPECT_EQ(goes_on("Via: 1.0 fred, 1.1 p.example.net\r\n"), "1.0 fred, 1.1 p.example.net");
  EXPECT_EQ(goes_on("Via: HTTP/2  [2001:db8::1]:80 (Apache/1.1, \\\" (x))\r\nVia:1.1 b\r\n"), "HTTP/2 [2001:db8::1]:80, 1.1 b");
  EXPECT_EQ(goes_on("Via: 1.1 a(b)\r\n"), "1.1 a");
}

TEST(via, what_is_not_well_formed_stays_here) {
  for (auto const* const element : {"a", "1.1", "1.1 \"a\"", "1.1 a@b", "1.1 \x80", "(1.1 a)", "1.1 (a)", "1;1 a"})
    EXPECT_EQ(goes_on(std::string{"Via: 1.1 x, "} + element + ", 1.1 y\r\n"), "1.1 x, 1.1 y") << element;
  EXPECT_EQ(goes_on("Via: 1.1 " + std::string(400, 'a') + ", 1.1 y\r\n"), "1.1 y") << "no name is so long";
}

TEST(via, what_is_sent_ends_with_our_own_name) {
  EXPECT_EQ(via_field("", false, own), "Via: 1.1 summary-gateway-00000000000000ab\r\n");
  EXPECT_EQ(via_field("1.0 fred", true, own), "Via: 1.0 fred, 1.0 summary-gateway-00000000000000ab\r\n");
  EXPECT_TRUE(loops(via_field("1.0 fred", false, own)));
  EXPECT_EQ(goes_on(via_field("1.0 fred", false, "other")), "1.0 fred, 1.1 other");
}

}  // namespace
}  // namespace gateway::via_test
