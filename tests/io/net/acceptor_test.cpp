// One listening socket on one worker, and its connections when the socket is removed.
#include "io/net/acceptor.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/recording_service.hpp"
#include "net/session_bench.hpp"
#include "net/socket_pair.hpp"
#include "temporary_directory.hpp"

namespace gateway::test::acceptor_test {
namespace {

struct acceptor_test : testing::Test {
  acceptor_test() {
    where.unix_path = here.file("s");
    std::string why_not;
    auto socket = listening_socket::open(where, {}, false, why_not);
    EXPECT_TRUE(socket.is_open()) << why_not;
    made = std::make_shared<acceptor>(at, std::move(socket), plaintext, trust, count, places);
    count.listener = 7;
    at.start_task("accept", acceptor::run(made, limits, service));
    run();
  }
  void run() { run_ready(at.loop); }
  // The connection stays in the kernel's queue until the loop runs.
  std::unique_ptr<client_socket> connect() {
    asio::local::stream_protocol::endpoint const address{where.unix_path};
    int const descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connected = ::connect(descriptor, address.data(), static_cast<socklen_t>(address.size())) == 0;
    return std::make_unique<client_socket>(descriptor);
  }
  // Removes the listener as a lane does.
  void take_away() {
    acceptor::close(made, limits, service);
    made.reset();
    at.deadlines.drain();
    run();
  }

  temporary_directory here;
  endpoint where;
  published_tls plaintext{std::make_shared<const listener_tls>()};
  connection_count count;
  published_trust trust{std::make_shared<const listener_trust>()};
  connection_limiter limiter{10, 0, short_hash_key{}};
  recording_service service;
  limit_settings limits;
  connection_slots places{at, limiter};  // must outlive the sessions in the worker's loop
  worker at{1};
  std::shared_ptr<acceptor> made;
  bool connected = false;
};

TEST_F(acceptor_test, what_waits_to_be_accepted_is_served_when_it_is_taken_away) {
  auto const waiting = connect();
  ASSERT_TRUE(connected);
  waiting->send(get("/a"));
  take_away();
  EXPECT_EQ(waiting->receive(), "GET /a close\n");
  EXPECT_TRUE(waiting->saw_end());
  auto const late = connect();
  EXPECT_FALSE(connected) << "nobody listens any more";
}

TEST_F(acceptor_test, its_connections_outlive_it_and_are_counted_to_their_end) {
  auto const served = connect(), asking = connect();
  served->send(get("/a"));
  asking->send(get("/wait/1"));
  run();
  EXPECT_EQ(served->receive(), "GET /a keep\n");
  EXPECT_EQ(count.open.load(), 2U);
  take_away();
  EXPECT_EQ(served->receive(), "");
  EXPECT_TRUE(served->saw_end()) << "by half";
  EXPECT_FALSE(served->saw_reset());
  service.wake("/wait/1");
  run();
  EXPECT_EQ(asking->receive(), "GET /wait/1 close\n");
  served->close();
  asking->close();
  run();
  EXPECT_EQ(count.open.load(), 0U);
  EXPECT_EQ(at.live.count(), 0U) << "neither its loop nor a session is left";
}

struct proxy_header_acceptor_test : acceptor_test {
  proxy_header_acceptor_test() {
    auto list = std::make_shared<listener_trust>();
    list->proxy_header_senders.unix_peers = true;
    trust.replace(std::move(list));
  }
  [[nodiscard]] std::uint64_t refused(connection_refusal why) const {
    return at.counters.connections_refused[static_cast<std::size_t>(why)].get();
  }
};

TEST_F(proxy_header_acceptor_test, a_header_comes_first_and_is_read_to_its_end_only) {
  auto const one = connect();
  run();
  one->send("PROXY TCP4 192.0.2.7 ");
  run();
  one->send("192.0.2.8 1 2\r\n" + get("/a"));
  run();
  EXPECT_EQ(one->receive(), "GET /a keep\n");
}

TEST_F(proxy_header_acceptor_test, without_one_the_connection_is_closed_and_counted_by_name) {
  auto const plain = connect(), cut = connect(), silent = connect();
  run();
  plain->send(get("/a"));
  cut->send("PROXY TCP4 1");
  ::shutdown(cut->descriptor(), SHUT_WR);
  silent->close();
  run();
  EXPECT_EQ(plain->receive() + cut->receive(), "");
  EXPECT_TRUE(plain->saw_end() || plain->saw_reset());
  EXPECT_EQ(refused(connection_refusal::proxy_missing), 1U);
  EXPECT_EQ(refused(connection_refusal::proxy_malformed), 1U);
  EXPECT_EQ(count.open.load(), 0U);
  EXPECT_FALSE(limiter.is_full());
}

TEST_F(proxy_header_acceptor_test, a_header_that_does_not_end_has_a_deadline) {
  auto const one = connect();
  auto const before = mono_now();
  run();
  one->send("PROXY ");
  run();
  at.deadlines.sweep(before + limits.header_timeout - std::chrono::seconds{1});
  run();
  EXPECT_EQ(count.open.load(), 1U);
  at.deadlines.sweep(mono_now() + limits.header_timeout);
  run();
  EXPECT_EQ(count.open.load(), 0U);
  EXPECT_EQ(at.counters.connection_deadlines.get(), 1U);
}

TEST_F(proxy_header_acceptor_test, a_header_that_does_not_end_gives_way) {
  limiter.set_limit(1);
  auto const first = connect();
  run();
  first->send("PROXY ");
  run();
  auto const second = connect();
  run();
  second->send("PROXY UNKNOWN\r\n" + get("/a"));
  run();
  EXPECT_EQ(second->receive(), "GET /a keep\n");
  EXPECT_EQ(first->receive(), "");
  EXPECT_TRUE(first->saw_end());
  EXPECT_EQ(at.counters.connections_displaced.get(), 1U);
}

TEST_F(acceptor_test, when_all_are_being_answered_one_more_is_refused) {
  limiter.set_limit(1);
  auto const first = connect();
  first->send(get("/wait/1"));
  run();
  auto const second = connect();
  run();
  EXPECT_EQ(second->receive(), "");
  EXPECT_TRUE(second->saw_end());
  EXPECT_EQ(at.counters.connections_refused[0].get(), 1U);
  service.wake("/wait/1");
  run();
  EXPECT_EQ(first->receive(), "GET /wait/1 keep\n");
  auto const third = connect();
  third->send(get("/b"));
  run();
  EXPECT_EQ(third->receive(), "GET /b keep\n") << "the first one idles now";
}

}  // namespace
}  // namespace gateway::test::acceptor_test
