// A tunnel over a connection in memory. The test is the egress proxy.
#include "io/upstream/tunnel.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "io/runtime/worker.hpp"
#include "memory_stream.hpp"

namespace gateway::test::tunnel_test {
namespace {

constexpr std::string_view established = "HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n";

struct tunnel_bench {
  tunnel_bench() : proxy(at.get_executor()), stream(at.loop) { stream.connect(proxy); }
  explicit tunnel_bench(fail_count& failing) : proxy(at.get_executor()), stream(at.loop, failing) { stream.connect(proxy); }

  void start() {
    at.start_task("tunnel", perform(*this));
    run_ready(at.loop);
  }
  void send(std::string_view bytes) {
    proxy.send(bytes);
    run_ready(at.loop);
  }
  void close() {
    proxy.close();
    run_ready(at.loop);
  }
  static task<void> perform(tunnel_bench& self) {
    auto const got = co_await open_tunnel(self.stream, self.request, 1024);
    self.result = got;
  }

  secret request = compose_connect("insights.twilio.com:443", "Basic YTpi");
  std::optional<tunnel_result> result;
  worker at{1};
  far_end proxy;
  memory_stream stream;
};

TEST(tunnel_stream, split_at_any_byte_it_opens) {
  for (std::size_t split = 0; split <= established.size(); ++split) {
    tunnel_bench bench;
    bench.start();
    bench.send(established.substr(0, split));
    ASSERT_EQ(bench.result.has_value(), split == established.size()) << split;
    bench.send(established.substr(split));
    ASSERT_TRUE(bench.result) << split;
    ASSERT_EQ(bench.result->failed, std::nullopt) << split;
    ASSERT_EQ(bench.result->status, 200);
    ASSERT_EQ(bench.proxy.received(), bench.request.reveal());
  }
}

TEST(tunnel_stream, in_reads_and_writes_of_any_size_it_opens) {
  for (std::size_t size = 1; size <= established.size(); ++size) {
    tunnel_bench bench;
    bench.stream.limit_reads(size);
    bench.stream.limit_writes(size);
    bench.start();
    bench.send(established);
    ASSERT_TRUE(bench.result && !bench.result->failed) << size;
    ASSERT_EQ(bench.proxy.received(), bench.request.reveal());
  }
}

TEST(tunnel_stream, cut_at_any_byte_it_is_refused) {
  for (std::size_t cut = 0; cut < established.size(); ++cut) {
    tunnel_bench bench;
    bench.start();
    bench.send(established.substr(0, cut));
    bench.close();
    ASSERT_TRUE(bench.result) << cut;
    ASSERT_EQ(bench.result->failed, fault::egress_refused) << cut;
  }
}

TEST(tunnel_stream, any_operation_may_fail) {
  for (std::size_t n = 1;; ++n) {
    ASSERT_LT(n, 100U) << "it never comes to its end";
    fail_count failing{n};
    tunnel_bench bench{failing};
    bench.stream.limit_reads(10);
    bench.stream.limit_writes(10);
    bench.start();
    bench.send(established);
    bench.close();
    ASSERT_TRUE(bench.result) << "operation " << n;
    if (!bench.result->failed) break;
    ASSERT_EQ(bench.result->failed, fault::egress_refused) << "operation " << n;
  }
}

TEST(tunnel_stream, an_answer_with_the_end_of_the_connection_is_an_answer) {
  tunnel_bench bench;
  bench.start();
  bench.proxy.send("HTTP/1.1 407 Wanted\r\n\r\n");
  bench.close();
  ASSERT_TRUE(bench.result);
  EXPECT_EQ(bench.result->failed, fault::egress_auth);
  EXPECT_EQ(bench.result->status, 407);
}

TEST(tunnel_stream, what_comes_with_the_head_refuses_it) {
  tunnel_bench bench;
  bench.start();
  bench.send(std::string{established} + "\x16\x03\x03");
  ASSERT_TRUE(bench.result);
  EXPECT_EQ(bench.result->failed, fault::egress_refused);
}

TEST(tunnel_stream, a_header_without_end_is_refused_while_it_comes) {
  tunnel_bench bench;
  bench.start();
  bench.send("HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 100 && !bench.result; ++i) bench.send("X-More: and more\r\n");
  ASSERT_TRUE(bench.result);
  EXPECT_EQ(bench.result->failed, fault::egress_refused);
}

TEST(tunnel_stream, it_may_be_destroyed_in_any_state) {
  for (int steps = 0; steps < 12; ++steps) {
    tunnel_bench bench;
    bench.stream.limit_writes(10);
    bench.at.loop.restart();
    bench.at.start_task("tunnel", tunnel_bench::perform(bench));
    bench.proxy.send("HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < steps; ++i) bench.at.loop.poll_one();
  }
}

TEST(tunnel_stream, a_changed_credential_counts_for_the_next_tunnel) {
  published_secret authorization{std::make_shared<const secret>()};
  egress_proxy const through{"insights.twilio.com:443", authorization};
  EXPECT_EQ(through.request().reveal().find("Proxy-Authorization"), std::string_view::npos);
  authorization.replace(std::make_shared<const secret>("Basic YTpi"));
  EXPECT_NE(through.request().reveal().find("\r\nProxy-Authorization: Basic YTpi\r\n"), std::string_view::npos);
}

}  // namespace
}  // namespace gateway::test::tunnel_test
