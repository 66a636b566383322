// A session over TLS: from the handshake to close_notify, with records that arrive whole or byte by byte.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <csignal>

#include "net/session_bench.hpp"
#include "net/socket_pair.hpp"
#include "net/tls_client.hpp"

// Of the sanitizers' own heap, if this build has one.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes() __attribute__((weak));

namespace gateway::test::session_tls_test {
namespace {

std::size_t heap_in_use() {
  return __sanitizer_get_current_allocated_bytes != nullptr ? __sanitizer_get_current_allocated_bytes() : mallinfo2().uordblks;
}

struct session_tls : testing::Test {
  explicit session_tls(int send_buffer = 0) : ends(at.get_executor(), send_buffer) {
    std::signal(SIGPIPE, SIG_IGN);  // as main does
    message_watch::serve(context->native_handle());
    at.start_task("session", serve_secured(std::move(ends.server), *context, gateway::client(), at, limits, service));
    run();
  }
  void run() { run_ready(at.loop); }
  [[nodiscard]] bool ended() const { return at.live.count() == 0; }

  // Moves bytes in both directions until both ends are quiet, in pieces of the given size towards the server.
  void talk(std::size_t piece = 100'000) {
    for (int quiet = 0; quiet < 2;) {
      client.receive(ends.client.receive());
      auto const bytes = client.take();
      quiet = bytes.empty() ? quiet + 1 : 0;
      for (std::size_t sent = 0; sent < bytes.size(); sent += piece) {
        ends.client.send(std::string_view{bytes}.substr(sent, piece));
        run();
      }
      run();
    }
  }

  std::shared_ptr<asio::ssl::context> context = server_tls_context();
  recording_service service;
  limit_settings limits;
  worker at{1};
  socket_pair ends;
  tls_client client;
};

TEST_F(session_tls, answers_in_order) {
  talk();
  ASSERT_TRUE(client.connected());
  client.write(get("/a") + get("/wait/1") + get("/b"));
  talk();
  EXPECT_EQ(client.plain(), "GET /a keep\n");
  service.wake("/wait/1");
  talk();
  EXPECT_EQ(client.plain(), "GET /a keep\nGET /wait/1 keep\nGET /b keep\n");
  EXPECT_TRUE(service.accounts_balance());
}

TEST_F(session_tls, byte_by_byte_it_is_the_same) {
  talk(1);
  ASSERT_TRUE(client.connected());
  client.write(get("/a"));
  client.write(get("/big/40000"));
  talk(1);
  EXPECT_EQ(client.plain(), "GET /a keep\nGET /big/40000 keep" + std::string(40'000, '.') + "\n");
}

struct session_tls_narrow : session_tls {
  session_tls_narrow() : session_tls(4096) {}
};

TEST_F(session_tls_narrow, what_the_kernel_takes_in_part_goes_on_when_the_client_reads) {
  talk();
  client.write(get("/big/900000") + get("/b"));
  talk();
  for (int i = 0; i < 10'000 && service.accounted.size() < 2; ++i) talk();
  talk();
  EXPECT_EQ(client.plain(), "GET /big/900000 keep" + std::string(900'000, '.') + "\nGET /b keep\n");
  EXPECT_TRUE(service.accounts_balance());
}

TEST_F(session_tls_narrow, a_drain_behind_a_long_answer_waits_for_no_goodbye_for_long) {
  talk();
  client.write(get("/big/900000"));
  ends.client.send(client.take());
  run();
  at.phase = worker_phase::draining;
  at.deadlines.drain();
  for (int i = 0; i < 10'000 && service.accounted.empty(); ++i) talk();
  talk();
  EXPECT_TRUE(client.heard_goodbye());
  EXPECT_FALSE(ended());
  at.deadlines.sweep(mono_now() + std::chrono::seconds{2});
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, a_handshake_that_does_not_come_ends_at_its_deadline) {
  auto const now = mono_now();
  at.deadlines.sweep(now - std::chrono::seconds{1} + limits.tls_handshake_timeout);
  run();
  EXPECT_FALSE(ended());
  at.deadlines.sweep(now + limits.tls_handshake_timeout);
  run();
  EXPECT_TRUE(ended());
  EXPECT_EQ(at.counters.connection_deadlines.get(), 1U);
  EXPECT_EQ(service.answers, 0);
}

TEST_F(session_tls, a_handshake_under_way_gives_way) {
  connection_limiter limiter{1, 0, {}};
  limiter.enter();
  worker other{1};
  connection_slots places{other, limiter};
  connection_slot place{places, gateway::client(), false, mono_now()};
  connection_terms const terms{never_removed, &place};
  socket_pair pair{other.get_executor()};
  other.start_task("session", serve_secured(std::move(pair.server), *context, gateway::client(), other, limits, service, terms));
  run_ready(other.loop);
  client.receive("");
  pair.client.send(client.take().substr(0, 20));
  run_ready(other.loop);
  EXPECT_TRUE(places.take());
  run_ready(other.loop);
  EXPECT_EQ(other.live.count(), 0U);
}

TEST_F(session_tls, a_handshake_that_trickles_has_no_more_time) {
  auto const now = mono_now();
  client.receive("");
  auto const hello = client.take();
  for (char const byte : hello.substr(0, 50)) {
    ends.client.send({&byte, 1});
    run();
  }
  at.deadlines.sweep(now + limits.tls_handshake_timeout);
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, what_is_no_tls_is_not_answered) {
  ends.client.send("nonsense\r\n\r\n");
  run();
  EXPECT_TRUE(ended());
  EXPECT_TRUE(service.asked.empty());
  EXPECT_EQ(service.answers, 0);
}

TEST_F(session_tls, plain_http_is_refused_in_plain_http) {
  ends.client.send(get("/a") + std::string(40'000, 'x'));
  run();
  EXPECT_THAT(ends.client.receive(), testing::StartsWith("refused http_on_tls close\n"));
  EXPECT_FALSE(ended()) << "the client may read it";
  ends.client.close();
  run();
  EXPECT_TRUE(ended());
  EXPECT_TRUE(service.asked.empty());
  EXPECT_TRUE(service.accounts_balance());
  EXPECT_EQ(at.counters.client_handshakes[static_cast<std::size_t>(handshake_kind::failed)].get(), 1U);
}

TEST_F(session_tls, whoever_does_not_read_the_refusal_is_not_waited_for_long) {
  ends.client.send(get("/a"));
  run();
  at.deadlines.sweep(mono_now() + std::chrono::seconds{3});
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, a_client_that_leaves_at_any_byte_of_the_handshake_leaves_nothing_behind) {
  client.receive("");
  auto const hello = client.take();
  for (std::size_t cut = 0; cut < hello.size(); cut += 7) {
    worker other{2};
    socket_pair pair{other.get_executor()};
    other.start_task("session", serve_secured(std::move(pair.server), *context, gateway::client(), other, limits, service));
    run_ready(other.loop);
    pair.client.send(std::string_view{hello}.substr(0, cut));
    run_ready(other.loop);
    pair.client.close();
    run_ready(other.loop);
    ASSERT_EQ(other.live.count(), 0U) << cut;
  }
  EXPECT_TRUE(service.asked.empty());
}

TEST_F(session_tls, a_client_that_waits_is_served_although_the_buffers_were_freed) {
  talk();
  client.write(get("/wait/1"));
  talk();
  client.write(get("/b"));
  ends.client.send(client.take());
  at.deadlines.sweep(mono_now() + std::chrono::seconds{1});
  EXPECT_TRUE(service.left.empty());
  service.wake("/wait/1");
  talk();
  EXPECT_EQ(client.plain(), "GET /wait/1 keep\nGET /b keep\n");
}

// Else a thousand of them would need memory for as many buffers. An idle connection has given its own back.
TEST_F(session_tls, the_buffers_of_a_client_that_waits_are_free_at_once) {
  if (OpenSSL_version_num() >= 0x30200000) GTEST_SKIP() << "from 3.2 on OpenSSL keeps the last record's buffer until the next read";
  talk();
  at.deadlines.sweep(mono_now() + std::chrono::seconds{1});
  auto const idle = heap_in_use();
  client.write(get("/wait/1"));
  talk();
  EXPECT_LT(heap_in_use(), idle + std::size_t{8 * 1024});
  service.wake("/wait/1");
  talk();
  EXPECT_EQ(client.plain(), "GET /wait/1 keep\n");
}

TEST_F(session_tls, a_client_that_leaves_while_it_waits_is_noticed_behind_unread_bytes) {
  talk();
  client.write(get("/wait/1"));
  talk();
  client.write(get("/b"));
  ends.client.send(client.take());
  ends.client.close();
  at.deadlines.sweep(mono_now() + std::chrono::seconds{1});
  EXPECT_EQ(service.left, std::vector<std::string>{"/wait/1"});
  service.wake("/wait/1");
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, an_altered_record_is_no_request) {
  talk();
  client.write(get("/a"));
  auto bytes = client.take();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  ends.client.send(bytes);
  run();
  EXPECT_TRUE(ended());
  EXPECT_TRUE(service.asked.empty());
}

// Each key update costs the gateway as much as a small request.
TEST_F(session_tls, a_flood_of_key_updates_ends_the_connection) {
  talk();
  client.write(get("/a"));
  talk();
  ASSERT_EQ(client.plain(), "GET /a keep\n");
  for (int i = 0; i < 10; ++i) client.update_keys();
  client.write(get("/b"));
  talk();
  EXPECT_EQ(client.plain(), "GET /a keep\nGET /b keep\n") << "some are fine";
  for (int i = 0; i < 100; ++i) client.update_keys();
  talk();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, counts_how_handshakes_ended) {
  talk();
  EXPECT_EQ(at.counters.client_handshakes[static_cast<std::size_t>(handshake_kind::full)].get(), 1U);
  worker other{2};
  socket_pair pair{other.get_executor()};
  other.start_task("session", serve_secured(std::move(pair.server), *context, gateway::client(), other, limits, service));
  pair.client.send(get("/a"));
  run_ready(other.loop);
  EXPECT_EQ(other.counters.client_handshakes[static_cast<std::size_t>(handshake_kind::failed)].get(), 1U);
}

TEST_F(session_tls, says_goodbye_after_the_last_answer) {
  talk();
  client.write(get("/a", "Connection: close\r\n"));
  talk();
  EXPECT_EQ(client.plain(), "GET /a close\n");
  EXPECT_TRUE(client.heard_goodbye());
  EXPECT_FALSE(ended());
  client.say_goodbye();
  talk();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, does_not_wait_for_ever_for_the_client_s_goodbye) {
  talk();
  client.write(get("/a", "Connection: close\r\n"));
  talk();
  at.deadlines.sweep(mono_now() + std::chrono::seconds{2});
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, the_last_answer_arrives_although_more_was_sent) {
  talk();
  client.write(get("/a", "Connection: close\r\n") + get("/b"));
  client.write(get("/c"));
  talk();
  EXPECT_EQ(client.plain(), "GET /a close\n");
  EXPECT_TRUE(client.heard_goodbye());
  EXPECT_EQ(service.asked.size(), 1U);
}

TEST_F(session_tls, an_idle_one_rests_and_is_answered_all_the_same_and_ends_at_its_deadline) {
  talk();
  client.write(get("/a"));
  talk();
  auto const now = mono_now();
  at.deadlines.sweep(now + std::chrono::seconds{2});  // the session releases its buffers
  run();
  EXPECT_FALSE(ended());
  client.write(get("/b"));
  talk();
  EXPECT_EQ(client.plain(), "GET /a keep\nGET /b keep\n");
  at.deadlines.sweep(now + std::chrono::seconds{2});
  at.deadlines.sweep(now + limits.idle_timeout - std::chrono::seconds{1});
  run();
  EXPECT_FALSE(ended());
  at.deadlines.sweep(mono_now() + limits.idle_timeout);
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, one_that_has_not_asked_yet_has_a_moment_when_the_process_drains_and_no_more) {
  talk();
  at.phase = worker_phase::draining;
  at.deadlines.drain();
  run();
  EXPECT_FALSE(ended());
  at.deadlines.sweep(mono_now() + std::chrono::seconds{2});
  talk();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, a_resting_one_is_cut_with_all_others) {
  talk();
  at.deadlines.expire();
  run();
  EXPECT_TRUE(ended());
}

TEST_F(session_tls, an_idle_one_ends_when_the_process_drains) {
  talk();
  client.write(get("/a"));
  talk();
  at.phase = worker_phase::draining;
  at.deadlines.drain();
  talk();
  EXPECT_TRUE(client.heard_goodbye());
  client.say_goodbye();
  talk();
  EXPECT_TRUE(ended());
  EXPECT_EQ(client.plain(), "GET /a keep\n");
}

TEST_F(session_tls, one_in_its_handshake_when_the_process_drains_ends_after_it) {
  at.phase = worker_phase::draining;
  at.deadlines.drain();
  talk();
  client.say_goodbye();
  talk();
  EXPECT_TRUE(ended());
}

}  // namespace
}  // namespace gateway::test::session_tls_test
