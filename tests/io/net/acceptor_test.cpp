// One listening socket on one worker, and what becomes of its connections when it is taken away.
#include "io/net/acceptor.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/recording_service.hpp"
#include "net/session_bench.hpp"
#include "net/socket_pair.hpp"
#include "temporary_directory.hpp"

namespace gateway::test {
namespace {

struct acceptor_test : testing::Test {
  acceptor_test() {
    where.unix_path = here.file("s");
    std::string why_not;
    auto socket = listening_socket::open(where, {}, false, why_not);
    EXPECT_TRUE(socket.is_open()) << why_not;
    made = std::make_shared<acceptor>(at, std::move(socket), plaintext, count, book);
    count.listener = 7;
    at.start_task("accept", acceptor::run(made, limits, service));
    run();
  }
  void run() { run_ready(at.loop); }
  // In the kernel's queue until the loop runs.
  std::unique_ptr<client_socket> connect() {
    asio::local::stream_protocol::endpoint const address{where.unix_path};
    int const descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connected = ::connect(descriptor, address.data(), static_cast<socklen_t>(address.size())) == 0;
    return std::make_unique<client_socket>(descriptor);
  }
  // As a lane does.
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
  connection_book book{10, 0, short_hash_key{}};
  recording_service service;
  limit_settings limits;
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

}  // namespace
}  // namespace gateway::test
