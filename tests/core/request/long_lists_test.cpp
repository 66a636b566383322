// Every list that a client fills costs work in proportion to its length.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/reply/reply.hpp"
#include "core/request/accept_encoding.hpp"
#include "core/request/client_deadline.hpp"
#include "core/request/content.hpp"
#include "core/request/cross_site.hpp"
#include "core/request/forwarded.hpp"
#include "core/request/preferences.hpp"
#include "core/request/proxy_protocol.hpp"
#include "core/request/query.hpp"
#include "core/request/summary_request.hpp"
#include "core/request/trace_context.hpp"
#include "work.hpp"

namespace gateway::long_lists_test {
namespace {

constexpr head_limits without_bounds{1 << 30, 1 << 30, 1 << 30};

std::string repeated(std::string_view part, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += part;
  return all;
}

std::string with(std::string_view field, std::string_view part, std::size_t times) {
  return "GET /v1/Voice/x/Summary HTTP/1.1\r\nHost: h\r\n" + std::string{field} + repeated(part, times) + "\r\n\r\n";
}

// Reads the head and does what every request does with its fields.
void read_all_of(const std::string& bytes) {
  std::size_t looked_at = 0;
  static_cast<void>(find_head_end(bytes, looked_at, without_bounds));
  auto const head = parse_head(bytes, without_bounds);
  if (!head) return;
  static_cast<void>(accepts_gzip(head->accept_encoding));
  static_cast<void>(matches_etag(head->if_none_match, "\"x\""));
  static_cast<void>(sane_tracestate(head->tracestate));
  static_cast<void>(client_deadline(head->request_timeout));
  static_cast<void>(preferred_wait(head->prefer));
  static_cast<void>(may_change(*head, cors_policy{}));
  std::string why_not;
  static address_list const trusted{{*address_range::parse("10.0.0.0/8", why_not)}};
  static_cast<void>(client_behind(head->fields, trusted));
}

struct row {
  std::string_view name;
  std::function<std::string(std::size_t)> make;
  std::function<void(const std::string&)> use = read_all_of;
  std::size_t size = 1000;
};

void read_chunks(const std::string& bytes) {
  content_framing framed;
  framed.chunked = true;
  content_reader reader{framed, 1 << 20};
  reader.take(bytes);
}

const std::vector<row>& rows() {
  static const std::vector<row> all{
      {"fields", [](std::size_t n) { return with("X: y", "\r\nA: b", n); }},
      {"fields of no name of ours", [](std::size_t n) { return with("X: y", "\r\nConnectiom: b", n); }},
      {"a field of blanks", [](std::size_t n) { return with("X:", " ", n); }, read_all_of, 10'000},
      {"a field in many lines", [](std::size_t n) { return with("Accept-Encoding: x", "\r\nAccept-Encoding: gzip;q=0.5", n); }},
      {"Connection", [](std::size_t n) { return with("Connection: close", ", x", n); }},
      {"Connection in many lines", [](std::size_t n) { return with("X: y", "\r\nConnection: a, b, c", n); }},
      {"commas", [](std::size_t n) { return with("Connection: ", " ,", n); }},
      {"Cache-Control", [](std::size_t n) { return with("Cache-Control: x", ", max-age=5", n); }},
      {"Cache-Control, quotes", [](std::size_t n) { return with("Cache-Control: x", ", x=\"a,b", n); }},
      {"Cache-Control, backslashes", [](std::size_t n) { return with("Cache-Control: x=\"", "\\", n); }},
      {"Accept-Encoding", [](std::size_t n) { return with("Accept-Encoding: x", ", gzip;q=0.1", n); }},
      {"If-None-Match", [](std::size_t n) { return with("If-None-Match: \"y\"", ", W/\"y\"", n); }},
      {"tracestate", [](std::size_t n) { return with("tracestate: a=b", ",a=b", n); }},
      {"Prefer", [](std::size_t n) { return with("Prefer: x", ", wait=5;x", n); }},
      {"Forwarded", [](std::size_t n) { return with("Forwarded: for=1.2.3.4", ", for=10.0.0.1", n); }},
      {"Forwarded, one element", [](std::size_t n) { return with("Forwarded: for=1.2.3.4", ";by=x", n); }},
      {"Forwarded, quotes", [](std::size_t n) { return with("Forwarded: for=1.2.3.4", ", for=\"", n); }},
      {"Forwarded in many lines", [](std::size_t n) { return with("X: y", "\r\nForwarded: for=10.0.0.1", n); }},
      {"X-Forwarded-For", [](std::size_t n) { return with("X-Forwarded-For: 1.2.3.4", ", 10.0.0.1", n); }},
      {"X-Forwarded-For, commas", [](std::size_t n) { return with("X-Forwarded-For: 1.2.3.4", ",,,,", n); }},
      {"X-Forwarded-For in many lines", [](std::size_t n) { return with("X: y", "\r\nX-Forwarded-For: 10.0.0.1", n); }},
      {"Via, Cookie", [](std::size_t n) { return with("Via: 1.1 a", ", 1.1 b", n) + with("Cookie: a=b", "; a=b", n); }},
      {"parameters of a query",
       [](std::size_t n) { return "GET /v1/Voice/x/Summary?a" + repeated("&a=%41", n) + " HTTP/1.1\r\nHost: h\r\n\r\n"; }},
      {"parameters", [](std::size_t n) { return "a" + repeated("&a=b", n); },
       [](const std::string& query) {
         std::size_t size = 0;
         for_each_parameter(query, [&](std::string_view name, std::string_view) { size += name.size(); });
         ASSERT_GT(size, 0U);
       }},
      {"empty lines", [](std::size_t n) { return repeated("\r\n", n); },
       [](const std::string& bytes) { static_cast<void>(leading_empty_lines(bytes, 0)); }},
      {"chunks", [](std::size_t n) { return repeated("1\r\nx\r\n", n) + "0\r\n\r\n"; }, read_chunks},
      {"chunk extensions", [](std::size_t n) { return "1" + repeated(";a=\"b\"", n) + "\r\nx\r\n0\r\n\r\n"; }, read_chunks, 150},
      {"trailers", [](std::size_t n) { return "0\r\n" + repeated("A: b\r\n", n) + "\r\n"; }, read_chunks, 500},
      {"extensions of a PROXY header",
       [](std::size_t n) {
         std::string const fixed{"\r\n\r\n\0\r\nQUIT\n\x21\x11", 14};
         auto const tail = std::string(12, '\1') + repeated(std::string_view{"\x20\0\0", 3}, n);
         return fixed + static_cast<char>(tail.size() >> 8) + static_cast<char>(tail.size()) + tail;
       },
       [](const std::string& bytes) { ASSERT_EQ(read_proxy_header(bytes).is, proxy_header::state::complete); }, 30},
  };
  return all;
}

TEST(long_lists, what_a_client_sends_costs_in_proportion) {
  for (auto const& one : rows()) EXPECT_LT(growth_of_work(one.size, one.make, one.use), too_much_growth) << one.name;
}

// The measure itself: it must tell a quadratic list from the others.
TEST(long_lists, a_quadratic_list_would_be_noticed) {
  auto const make = [](std::size_t n) { return repeated("a,", n); };
  auto const in_front = [](std::string text) {
    while (!text.empty()) text.erase(0, 2);
  };
  EXPECT_GT(growth_of_work(4'000, make, in_front), too_much_growth);
}

}  // namespace
}  // namespace gateway::long_lists_test
