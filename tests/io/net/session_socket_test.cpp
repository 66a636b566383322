// A session on a real socket: writes that the kernel accepts in part, and a close that lets the client read the last answer.
#include <gtest/gtest.h>

#include "net/session_bench.hpp"
#include "net/socket_pair.hpp"

namespace gateway::test::session_socket_test {
namespace {

struct session_socket : testing::Test {
  void start(int send_buffer = 0) {
    ends.emplace(at.get_executor(), send_buffer);
    at.start_task("session", serve(std::move(ends->server), gateway::client(), at, limits, service));
    run();
  }
  void run() { run_ready(at.loop); }
  void send(std::string_view bytes) {
    while (!bytes.empty() && !ended()) {
      bytes.remove_prefix(ends->client.send(bytes));
      run();
    }
  }
  client_socket& client() { return ends->client; }
  [[nodiscard]] bool ended() const { return at.live.count() == 0; }

  recording_service service;
  limit_settings limits;
  worker at{1};
  std::optional<socket_pair> ends;
};

TEST_F(session_socket, answers_in_order) {
  start();
  send(get("/a") + get("/wait/1") + get("/b"));
  EXPECT_EQ(client().receive(), "GET /a keep\n");
  service.wake("/wait/1");
  run();
  EXPECT_EQ(client().receive(), "GET /wait/1 keep\nGET /b keep\n");
  EXPECT_TRUE(service.accounts_balance());
  client().close();
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_socket, a_write_that_the_kernel_takes_in_part_goes_on_when_the_client_reads) {
  start(4096);
  send(get("/big/900000") + get("/b"));
  EXPECT_TRUE(service.accounted.empty());  // a part is not written yet
  std::string received;
  for (int i = 0; i < 10'000 && service.accounted.size() < 2; ++i) {
    received += client().receive();
    run();
  }
  received += client().receive();
  EXPECT_EQ(received, "GET /big/900000 keep" + std::string(900'000, '.') + "\nGET /b keep\n");
  EXPECT_TRUE(service.accounts_balance());
}

TEST_F(session_socket, a_client_that_stops_reading_is_left_at_the_write_deadline) {
  start(4096);
  auto const before = mono_now();
  send(get("/big/900000"));
  auto const after = mono_now();
  at.deadlines.sweep(before + limits.write_timeout - std::chrono::nanoseconds{1});
  run();
  EXPECT_FALSE(ended());
  at.deadlines.sweep(after + limits.write_timeout);
  run();
  EXPECT_TRUE(ended());
  EXPECT_EQ(at.counters.connection_deadlines.get(), 1U);
  EXPECT_TRUE(service.accounts_balance());
  EXPECT_EQ(service.answers, 1);
}

TEST_F(session_socket, a_client_that_is_gone_when_it_is_answered) {
  start();
  send(get("/wait/1"));
  client().close();
  service.wake("/wait/1");
  run();
  EXPECT_TRUE(ended());
  EXPECT_TRUE(service.accounts_balance());
}

TEST_F(session_socket, a_client_that_waits_is_there_however_much_it_sends) {
  start();
  send(get("/wait/1"));
  send(get("/b") + get("/c"));
  at.deadlines.sweep(mono_now() + std::chrono::seconds{1});
  run();
  EXPECT_TRUE(service.left.empty());
  service.wake_all();
  run();
  EXPECT_EQ(client().receive(), "GET /wait/1 keep\nGET /b keep\nGET /c keep\n");
}

// The session reads nothing while a client waits, so what else it sent lies in front of its end.
TEST_F(session_socket, a_client_that_leaves_while_it_waits_is_noticed_behind_unread_bytes) {
  for (bool const half : {false, true}) {
    SCOPED_TRACE(half ? "its half" : "both");
    service.left.clear();
    start();
    send(get("/wait/1"));
    send(get("/b"));
    if (half) {
      ::shutdown(client().descriptor(), SHUT_WR);
    } else {
      client().close();
    }
    at.deadlines.sweep(mono_now() + std::chrono::seconds{1});
    EXPECT_EQ(service.left, std::vector<std::string>{"/wait/1"});
    service.wake("/wait/1");
    run();
    if (half) {
      EXPECT_EQ(client().receive(), "GET /wait/1 keep\nGET /b keep\n") << "it can still read";
    }
    EXPECT_TRUE(ended());
  }
}

// Closing with unread input would reset the connection, and the client could lose the last answer (RFC 9112 §9.6).
TEST_F(session_socket, the_last_answer_arrives_although_more_was_sent) {
  start();
  send(get("/a", "Connection: close\r\n") + std::string(30'000, 'x'));
  EXPECT_EQ(client().receive(), "GET /a close\n");
  EXPECT_TRUE(client().saw_end());
  EXPECT_FALSE(ended());  // it also waits for the client to close
  send(std::string(30'000, 'y'));
  client().receive();
  EXPECT_FALSE(client().saw_reset());
  client().close();
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_socket, what_follows_the_last_answer_is_not_read_for_ever) {
  start();
  send(get("/a", "Connection: close\r\n"));
  std::size_t taken = 0;
  std::string const more(16'384, 'x');
  for (int i = 0; i < 1000 && !ended(); ++i) {
    taken += client().send(more);
    run();
  }
  EXPECT_TRUE(ended());
  EXPECT_LT(taken, 1024U * 1024U);
  EXPECT_EQ(service.asked.size(), 1U);
}

TEST_F(session_socket, a_client_that_does_not_close_is_not_waited_for_for_ever) {
  start();
  send("nonsense\r\n\r\n");
  EXPECT_TRUE(client().receive().starts_with("refused"));
  EXPECT_FALSE(ended());
  at.deadlines.sweep(mono_now() + std::chrono::seconds{2});
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_socket, an_idle_client_is_closed_not_reset_when_the_process_drains) {
  start();
  send(get("/a"));
  at.phase = worker_phase::draining;
  at.deadlines.drain();
  run();
  EXPECT_EQ(client().receive(), "GET /a keep\n");
  EXPECT_TRUE(client().saw_end());
  client().send(get("/b"));  // the request was already under way
  run();
  EXPECT_EQ(client().receive(), "");
  EXPECT_FALSE(client().saw_reset());
  client().close();
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_socket, an_idle_client_that_does_not_close_in_return_is_not_waited_for_long) {
  start();
  send(get("/a"));
  at.phase = worker_phase::draining;
  at.deadlines.drain();
  run();
  EXPECT_FALSE(ended());
  at.deadlines.sweep(mono_now() + std::chrono::seconds{2});
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_socket, a_request_that_has_come_but_was_not_read_is_answered_when_the_process_drains) {
  start();
  send(get("/a"));
  client().send(get("/b"));
  at.phase = worker_phase::draining;
  at.deadlines.drain();
  run();
  EXPECT_EQ(client().receive(), "GET /a keep\nGET /b close\n");
  EXPECT_TRUE(service.accounts_balance());
}

TEST_F(session_socket, a_request_that_comes_while_the_last_one_is_waited_for_does_not_keep_a_draining_process) {
  start();
  send(get("/a"));
  send(get("/wait/1"));
  at.phase = worker_phase::draining;
  at.deadlines.drain();
  client().send(get("/b"));
  run();
  service.wake("/wait/1");
  run();
  EXPECT_EQ(client().receive(), "GET /a keep\nGET /wait/1 close\n");
  client().close();
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_socket, idle_connections_own_no_buffer_for_answers) {
  start();
  send(get("/big/50000"));
  client().receive();
  run();
  EXPECT_GE(at.output.take().capacity(), 50'000U);  // the worker has it back
}

}  // namespace
}  // namespace gateway::test::session_socket_test
