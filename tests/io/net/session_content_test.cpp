// Requests with content: the content is read to its end, is never taken for a request, and is limited in size and time.
#include <gtest/gtest.h>

#include "net/session_bench.hpp"

namespace gateway::test::session_content_test {
namespace {

std::string post(std::string_view fields, std::string_view content = "") {
  return "POST /a HTTP/1.1\r\nHost: h\r\n" + std::string{fields} + "\r\n" + std::string{content};
}

std::string with_length(std::string_view content) { return post("Content-Length: " + std::to_string(content.size()) + "\r\n", content); }

struct row {
  std::string_view name;
  std::string sent;
  std::string_view received;
};

const std::string hidden = get("/smuggled");

const row rows[] = {
    {"by length", with_length(hidden) + get("/b"), "POST /a keep\nGET /b keep\n"},
    {"chunked", post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n") + get("/b"), "POST /a keep\nGET /b keep\n"},
    {"a chunk that looks like a request", post("Transfer-Encoding: chunked\r\n", "23\r\n" + hidden + "\r\n0\r\nA: b\r\n\r\n") + get("/b"),
     "POST /a keep\nGET /b keep\n"},
    {"none in no chunk", post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n") + get("/b"), "POST /a keep\nGET /b keep\n"},
    {"between others", get("/0") + with_length("abc") + with_length("") + get("/b"),
     "GET /0 keep\nPOST /a keep\nPOST /a keep\nGET /b keep\n"},
    {"malformed", post("Transfer-Encoding: chunked\r\n", "x\r\n\r\n") + hidden, "refused malformed_content close\n"},
    {"malformed behind a good one", get("/0") + post("Transfer-Encoding: chunked\r\n", "1\r\nabc\r\n") + hidden,
     "GET /0 keep\nrefused malformed_content close\n"},
    {"too large", post("Content-Length: 16385\r\n") + hidden, "refused content_too_large close\n"},
    {"expected and sent at once", post("Expect: 100-continue\r\nContent-Length: 3\r\n", "abc") + get("/b"), "POST /a keep\nGET /b keep\n"},
};

TEST(session_content, is_never_a_request) {
  for (auto const& r : rows) {
    session_bench bench;
    bench.start();
    bench.send(r.sent);
    EXPECT_EQ(bench.received(), r.received) << r.name;
    EXPECT_TRUE(bench.service.accounts_balance()) << r.name;
    EXPECT_EQ(std::ranges::count(bench.service.asked, "/smuggled"), 0) << r.name;
  }
}

TEST(session_content, byte_by_byte_it_is_the_same) {
  for (auto const& r : rows) {
    if (r.sent.find("Expect") != std::string::npos) continue;  // a slow client with Expect waits for 100 (Continue)
    session_bench bench;
    bench.limit_reads(1);
    bench.start();
    bench.send(r.sent);
    EXPECT_EQ(bench.received(), r.received) << r.name;
  }
}

TEST(session_content, who_waits_for_100_continue_gets_it_once) {
  session_bench bench;
  bench.start();
  bench.send(post("Expect: 100-continue\r\nContent-Length: 3\r\n"));
  EXPECT_EQ(bench.received(), "HTTP/1.1 100 Continue\r\n\r\n");
  bench.send("a");
  bench.send("b");
  EXPECT_EQ(bench.received(), "HTTP/1.1 100 Continue\r\n\r\n");
  bench.send("c");
  EXPECT_EQ(bench.received(), "HTTP/1.1 100 Continue\r\n\r\nPOST /a keep\n");
}

TEST(session_content, an_http_1_0_client_gets_no_interim_answer) {
  session_bench bench;
  bench.start();
  bench.send("POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(bench.received(), "");
  bench.send("abc");
  EXPECT_EQ(bench.received(), "POST /a close\n");
}

TEST(session_content, that_does_not_come_ends_at_the_deadline_of_its_request) {
  session_bench bench;
  bench.start();
  auto const now = mono_now();
  bench.send(post("Content-Length: 3\r\n", "ab"));
  bench.at.deadlines.sweep(now + bench.limits.header_timeout - std::chrono::seconds{1});
  bench.run();
  EXPECT_FALSE(bench.ended());
  bench.at.deadlines.sweep(now + bench.limits.header_timeout + std::chrono::seconds{1});
  bench.run();
  EXPECT_TRUE(bench.ended());
  EXPECT_EQ(bench.received(), "");
}

TEST(session_content, a_head_that_is_being_answered_stays_readable_while_more_arrives) {
  session_bench bench;
  bench.start();
  bench.send("POST /wait/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + get("/b"));
  bench.send(get("/c"));
  bench.service.wake("/wait/1");
  bench.run();
  EXPECT_EQ(bench.received(), "POST /wait/1 keep\nGET /b keep\nGET /c keep\n");
}

}  // namespace
}  // namespace gateway::test::session_content_test
