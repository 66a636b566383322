// Complete answers in each form of HTTP/1.x: parsed in any split, and never taken for complete when truncated.
#include <gtest/gtest.h>

#include <vector>

#include "upstream/exchange_bench.hpp"

namespace gateway::test::exchange_answer_test {
namespace {

struct sample {
  std::string_view name;
  std::string bytes;
  std::string body;
  int status = 200;
  bool keep_alive = true;
  std::size_t shortest = 0;  // 0: all of it; otherwise, with at least this many bytes, the connection's end completes it
};

std::vector<sample> samples() {
  std::string const until_closed = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
  return {
      {"counted", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello", "hello"},
      {"empty", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "", 404},
      {"no content", "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", "", 204},
      {"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", "", 304},
      {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;why=not\r\nllo\r\n0\r\n\r\n", "hello"},
      {"chunked without content", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""},
      {"chunked with blanks behind the sizes",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2 \r\nhe\r\n3;why=not\t \r\nllo\r\n0    \r\n\r\n", "hello"},
      {"chunked with blanks before a trailer",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5  \r\nhello\r\n0 \r\nX-Check: 1 \r\n\r\n", "hello"},
      {"chunked with a trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Check: 1\r\n\r\n", "hello"},
      {"closing", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, false},
      {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, false},
      {"HTTP/1.0 staying", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", "hello", 200, true},
      {"after interim answers",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
       "hello"},
      {"until the connection ends", until_closed + "hello", "hello", 200, false, until_closed.size()},
  };
}

TEST(exchange_answer, sends_the_request_and_takes_the_answer_apart) {
  auto const bench = exchanged("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-One:  a b \r\nX-One: c\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(bench->upstream.received(), bench->request);
  ASSERT_TRUE(bench->succeeded());
  auto const& answer = bench->result->answer;
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hi");
  ASSERT_EQ(answer.fields.size(), 4U);
  EXPECT_EQ(answer.field("content-type"), "text/plain");
  EXPECT_EQ(answer.fields[1].value, "a b");
  EXPECT_EQ(answer.fields[2].value, "c");
  EXPECT_TRUE(bench->result->begun);
  EXPECT_TRUE(bench->result->keep_alive);
  EXPECT_EQ(bench->input, "");
}

TEST(exchange_answer, split_at_any_byte_it_is_the_same) {
  for (auto const& one : samples()) {
    for (std::size_t split = 0; split <= one.bytes.size(); ++split) {
      exchange_bench bench;
      bench.connect();
      bench.start();
      bench.send(one.bytes.substr(0, split));
      bool const early = bench.ended();
      bench.send(one.bytes.substr(split));
      if (one.shortest > 0) bench.close();
      ASSERT_TRUE(bench.succeeded()) << one.name << " split at " << split;
      ASSERT_FALSE(early && split < one.bytes.size()) << one.name << " split at " << split;
      ASSERT_EQ(bench.result->answer.status, one.status) << one.name << " split at " << split;
      ASSERT_EQ(bench.result->answer.body, one.body) << one.name << " split at " << split;
      ASSERT_EQ(bench.result->keep_alive, one.keep_alive) << one.name << " split at " << split;
      ASSERT_EQ(bench.input, "") << one.name << " split at " << split;
    }
  }
}

TEST(exchange_answer, in_reads_of_any_size_it_is_the_same) {
  for (auto const& one : samples()) {
    for (std::size_t size = 1; size <= one.bytes.size(); ++size) {
      exchange_bench bench;
      bench.limit_reads(size);
      bench.limit_writes(size);
      bench.connect();
      bench.start();
      bench.send(one.bytes);
      if (one.shortest > 0) bench.close();
      ASSERT_TRUE(bench.succeeded()) << one.name << " in reads of " << size;
      ASSERT_EQ(bench.result->answer.body, one.body) << one.name << " in reads of " << size;
      ASSERT_EQ(bench.upstream.received(), bench.request);
    }
  }
}

TEST(exchange_answer, cut_at_any_byte_it_is_no_answer) {
  for (auto const& one : samples()) {
    for (std::size_t cut = 0; cut < one.bytes.size(); ++cut) {
      auto const bench = exchanged(std::string_view{one.bytes}.substr(0, cut), then::closes);
      ASSERT_TRUE(bench->ended()) << one.name << " cut at " << cut;
      ASSERT_EQ(bench->result->begun, cut > 0) << one.name << " cut at " << cut;
      if (one.shortest > 0 && cut >= one.shortest) {  // a truncated body looks like a complete one
        ASSERT_TRUE(bench->succeeded());
        ASSERT_EQ(bench->result->answer.body, one.body.substr(0, cut - one.shortest));
        ASSERT_FALSE(bench->result->keep_alive);
      } else {
        ASSERT_EQ(bench->result->failed, fault::upstream_protocol) << one.name << " cut at " << cut;
      }
    }
  }
}

TEST(exchange_answer, any_operation_may_fail) {
  for (auto const& one : samples()) {
    bool failed_once = false;
    for (std::size_t n = 1; n < 100; ++n) {
      fail_count failing{n};
      exchange_bench bench{failing};
      bench.limit_reads(20);
      bench.limit_writes(10);
      bench.connect();
      bench.start();
      bench.send(one.bytes);
      bench.close();
      ASSERT_TRUE(bench.ended()) << one.name << ", operation " << n;
      if (bench.succeeded()) {
        ASSERT_EQ(bench.result->answer.body, one.body);
        break;
      }
      ASSERT_EQ(bench.result->failed, fault::upstream_protocol);
      failed_once = true;
      ASSERT_LT(n, 99U) << one.name << " never comes to its end";
    }
    EXPECT_TRUE(failed_once) << one.name;
  }
}

TEST(exchange_answer, what_comes_behind_it_is_left) {
  std::string const first = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  std::string const second = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
  auto const bench = exchanged(first + second);
  ASSERT_TRUE(bench->succeeded());
  EXPECT_EQ(bench->result->answer.body, "hi");
  EXPECT_EQ(bench->input, second);

  auto const chunked = exchanged("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n" + second);
  ASSERT_TRUE(chunked->succeeded());
  EXPECT_EQ(chunked->result->answer.body, "hi");
  EXPECT_EQ(chunked->input, second);

  auto const longer = exchanged("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi there");
  ASSERT_TRUE(longer->succeeded());
  EXPECT_EQ(longer->result->answer.body, "hi");
  EXPECT_EQ(longer->input, " there");
}

TEST(exchange_answer, time_is_booked_on_the_hops_of_an_exchange) {
  exchange_bench bench;
  bench.connect();
  auto const spin = [](mono_time until) {
    while (mono_now() < until) continue;
  };
  bench.start();
  spin(mono_now() + std::chrono::microseconds{200});
  bench.send("HTTP/1.1 200 OK\r\nContent-");
  EXPECT_GE(bench.hops.spent(hop::first_byte), std::chrono::microseconds{200});
  spin(mono_now() + std::chrono::microseconds{200});
  bench.send("Length: 2\r\n\r\nhi");
  bench.hops.stop(mono_now());
  EXPECT_GE(bench.hops.spent(hop::body), std::chrono::microseconds{200});
}

TEST(exchange_answer, an_exchange_may_be_destroyed_in_any_state) {
  for (int steps = 0; steps < 12; ++steps) {
    exchange_bench bench;
    bench.limit_writes(10);
    bench.connect();
    bench.at.loop.restart();
    bench.start();
    bench.upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi");
    for (int i = 0; i < steps; ++i) bench.at.loop.poll_one();
  }
}

}  // namespace
}  // namespace gateway::test::exchange_answer_test
