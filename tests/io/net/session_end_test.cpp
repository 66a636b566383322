// When a session ends: on request, because it must not go on, or because the stream failed.
#include <gtest/gtest.h>

#include "net/session_bench.hpp"

namespace gateway::test::session_end_test {
namespace {

TEST(session_end, connection_close_ends_it_and_what_follows_is_not_answered) {
  session_bench bench;
  bench.start();
  bench.send(get("/a") + get("/b", "Connection: close\r\n") + get("/c"));
  EXPECT_EQ(bench.received(), "GET /a keep\nGET /b close\n");
  EXPECT_TRUE(bench.ended());
  EXPECT_TRUE(bench.service.accounts_balance());
}

TEST(session_end, an_http_1_0_client_is_left_unless_it_asks_to_stay) {
  session_bench bench;
  bench.start();
  bench.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_EQ(bench.received(), "GET /a close\n");
  EXPECT_TRUE(bench.ended());

  session_bench staying;
  staying.start();
  staying.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\nGET /c HTTP/1.0\r\n\r\n");
  EXPECT_EQ(staying.received(), "GET /a keep\nGET /b close\n");
  EXPECT_TRUE(staying.ended());
}

TEST(session_end, nothing_behind_a_malformed_head_is_answered) {
  for (std::string_view const malformed :
       {"GET /b\r\n\r\n", "GET /b HTTP/1.1\nHost: h\r\n\r\n", "GET /b HTTP/1.1\r\nHost : h\r\n\r\n", "GET /b HTTP/1.1\r\n\r\n",
        "GET /b HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n"
        "Transfer-Encoding: chunked\r\n\r\n",
        "\n", "GET /b HTTP/2.0\r\nHost: h\r\n\r\n"}) {
    session_bench bench;
    bench.start();
    bench.send(get("/a") + std::string{malformed} + get("/c"));
    EXPECT_EQ(bench.service.asked, std::vector<std::string>{"/a"}) << malformed;
    ASSERT_EQ(bench.service.refused.size(), 1U) << malformed;
    EXPECT_EQ(bench.received(), "GET /a keep\nrefused " + std::string{name_of(bench.service.refused[0])} + " close\n");
    EXPECT_TRUE(bench.ended());
    EXPECT_TRUE(bench.service.accounts_balance());
  }
}

TEST(session_end, a_head_that_cannot_end_in_time_is_refused_before_it_ends) {
  limit_settings small;
  small.head.max_bytes = 200;
  session_bench bench{small};
  bench.start();
  std::string const head = "GET /a HTTP/1.1\r\nHost: h\r\nX: ";
  bench.send(head);
  for (std::size_t size = head.size(); size < 199; ++size) bench.send("x");
  EXPECT_TRUE(bench.service.refused.empty());
  EXPECT_FALSE(bench.ended());
  bench.send("x");
  EXPECT_EQ(bench.service.refused, std::vector{fault::header_too_large});
  EXPECT_TRUE(bench.ended());

  session_bench line{small};
  line.start();
  line.send("GET /" + std::string(500, 'a'));
  EXPECT_EQ(line.service.refused, std::vector{fault::target_too_long});
}

TEST(session_end, an_empty_content_is_no_content) {
  session_bench bench;
  bench.start();
  bench.send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n" + get("/b"));
  EXPECT_EQ(bench.received(), "POST /a keep\nGET /b keep\n");
}

TEST(session_end, a_few_empty_lines_are_forgiven_before_each_request_but_not_more) {
  session_bench bench;
  bench.start();
  std::string const four = "\r\n\r\n\r\n\r\n";
  bench.send(four + get("/a") + four + get("/b"));
  EXPECT_EQ(bench.received(), "GET /a keep\nGET /b keep\n");
  bench.send("\r\n\r\n");
  bench.send("\r");
  bench.send("\n\r\n");
  bench.send(get("/c"));
  EXPECT_EQ(bench.received(), "GET /a keep\nGET /b keep\nGET /c keep\n");
  bench.send(four + "\r\n");
  EXPECT_EQ(bench.service.refused, std::vector{fault::malformed_request_line});
  EXPECT_TRUE(bench.ended());
}

TEST(session_end, empty_lines_one_by_one_are_no_way_to_stay_for_ever) {
  session_bench bench;
  bench.start();
  for (int i = 0; i < 5 && !bench.ended(); ++i) bench.send("\r\n");
  EXPECT_EQ(bench.service.refused, std::vector{fault::malformed_request_line});
  EXPECT_TRUE(bench.ended());
}

TEST(session_end, a_client_that_closes_in_the_middle_of_a_head_is_no_request) {
  auto const request = get("/a");
  for (std::size_t cut = 0; cut < request.size(); ++cut) {
    session_bench bench;
    bench.start();
    bench.send(request.substr(0, cut));
    bench.client.close();
    bench.run();
    ASSERT_TRUE(bench.ended()) << cut;
    ASSERT_EQ(bench.service.answers, 0) << cut;
  }
}

// Each answer counts once, whether or not it was delivered.
TEST(session_end, any_operation_may_fail) {
  std::string const requests =
      get("/a") + get("/wait/1") + get("/b") + get("/big/70000") + get("/wait/2") + get("/c") + get("/d", "Connection: close\r\n");
  std::string whole;
  bool failed_once = false;
  for (std::size_t n = 1; n < 200; ++n) {
    fail_count failing{n};
    session_bench bench{failing};
    bench.limit_reads(50);
    bench.limit_writes(20'000);
    bench.start();
    bench.send(requests);
    while (bench.service.waiting() > 0) {
      bench.service.wake_all();
      bench.run();
    }
    ASSERT_TRUE(bench.ended()) << "operation " << n;
    ASSERT_TRUE(bench.service.accounts_balance()) << "operation " << n;
    ASSERT_EQ(bench.service.answers, static_cast<int>(bench.service.asked.size())) << "operation " << n;
    auto const received = bench.received();
    ASSERT_TRUE(received.starts_with(whole)) << "operation " << n;  // a later failure lets it send more
    whole = received;
    if (whole.ends_with("GET /d close\n")) {
      EXPECT_TRUE(failed_once);
      return;
    }
    failed_once = true;
  }
  FAIL() << "the session never came to its end";
}

TEST(session_end, a_session_may_be_destroyed_in_any_state) {
  for (auto const* const requests : {"", "GET /a HT", "GET /wait/1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    session_bench bench;
    bench.limit_writes(1);
    bench.start();
    bench.client.send(requests);
    for (int step = 0; step < 4; ++step) bench.at.loop.poll_one();
  }
}

TEST(session_end, an_exception_of_the_service_ends_only_its_session) {
  session_bench bench;
  bench.service.throws_instead_of_waiting = true;
  bench.start();
  bench.send(get("/a") + get("/wait/1") + get("/b"));
  EXPECT_EQ(bench.received(), "GET /a keep\n");
  EXPECT_TRUE(bench.ended());
  EXPECT_TRUE(bench.service.accounts_balance());
}

}  // namespace
}  // namespace gateway::test::session_end_test
