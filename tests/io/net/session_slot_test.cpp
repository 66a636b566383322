// How a session reacts when its connection slot is needed: in which states it gives the slot up, and how.
#include <gtest/gtest.h>

#include "net/session_bench.hpp"
#include "net/socket_pair.hpp"

namespace gateway::test::session_slot_test {
namespace {

// A connection that has the only slot.
struct placed_session {
  explicit placed_session(int send_buffer = 0) : ends(at.get_executor(), send_buffer) {
    limiter.enter();
    at.start_task("session", serve(std::move(ends.server), client(), at, limits, service, terms));
    run();
  }
  void run() { run_ready(at.loop); }
  void send(std::string_view bytes) {
    ends.client.send(bytes);
    run();
  }
  bool gives_way() {
    bool const gives = places.take();  // for another connection, because there is only one slot
    run();
    return gives;
  }
  [[nodiscard]] bool ended() const { return at.live.count() == 0; }

  recording_service service;
  limit_settings limits;
  connection_limiter limiter{1, 0, {}};
  connection_slots places{at, limiter};
  connection_slot place{places, client(), false, mono_now()};
  connection_terms terms{never_removed, &place};
  worker at{1};
  socket_pair ends;
};

constexpr std::string_view begun_content = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345";

TEST(session_slot, is_given_up_while_no_request_is_whole) {
  for (std::string_view const sent :
       {std::string_view{}, std::string_view{"G"}, std::string_view{"GET /a HTTP/1.1\r\nHost: h\r\n"}, begun_content}) {
    placed_session one;
    one.send(sent);
    EXPECT_TRUE(one.gives_way()) << sent;
    EXPECT_TRUE(one.ended()) << sent;
    one.ends.client.receive();
    EXPECT_TRUE(one.ends.client.saw_end() || one.ends.client.saw_reset());
    EXPECT_EQ(one.service.answers, 0) << "without a word";
  }
}

TEST(session_slot, is_given_up_between_two_requests) {
  placed_session one;
  one.send(get("/a"));
  EXPECT_TRUE(one.gives_way());
  EXPECT_TRUE(one.ended());
  EXPECT_EQ(one.ends.client.receive(), "GET /a keep\n");
  EXPECT_TRUE(one.ends.client.saw_end()) << "an ordinary end between two requests";
}

TEST(session_slot, is_kept_while_a_whole_request_is_being_answered) {
  placed_session one;
  one.send(get("/wait/1") + get("/b"));
  EXPECT_FALSE(one.gives_way());
  one.service.wake("/wait/1");
  one.run();
  EXPECT_EQ(one.ends.client.receive(), "GET /wait/1 keep\nGET /b keep\n");
  EXPECT_TRUE(one.gives_way());
}

// Bytes in the kernel that the session has not read yet may be a whole request.
TEST(session_slot, is_kept_by_who_has_just_asked) {
  placed_session one;
  one.ends.client.send(get("/a"));
  EXPECT_FALSE(one.places.take());
  one.run();
  EXPECT_EQ(one.ends.client.receive(), "GET /a keep\n");
}

TEST(session_slot, is_given_up_by_who_does_not_take_its_answer) {
  placed_session one{4096};
  one.send(get("/big/900000") + get("/b"));
  EXPECT_FALSE(one.ended());
  EXPECT_TRUE(one.gives_way());
  EXPECT_TRUE(one.ended());
  EXPECT_TRUE(one.service.accounts_balance());
}

TEST(session_slot, is_given_up_by_who_lingers_behind_its_last_answer) {
  placed_session one;
  one.send(get("/a", "Connection: close\r\n"));
  EXPECT_FALSE(one.ended());
  EXPECT_TRUE(one.gives_way());
  EXPECT_TRUE(one.ended());
}

// The read has completed, but its handler has not run: a cancellation comes too late, and the connection must end all the same.
TEST(session_slot, once_given_up_nothing_more_is_begun) {
  auto const head = get("/a", "X: " + std::string(3000, 'x') + "\r\n");  // more than one read returns
  for (auto const& sent : {head, head.substr(0, 2900)}) {
    for (int steps = 0; steps < 4; ++steps) {
      placed_session one;
      one.ends.client.send("G");
      one.run();
      one.ends.client.send(std::string_view{sent}.substr(1));
      for (int step = 0; step < steps; ++step) one.at.loop.poll_one();
      bool const gave_way = one.places.take();
      one.run();
      EXPECT_EQ(one.ended(), gave_way) << sent.size() << " " << steps;
      auto const answer = one.ends.client.receive();
      EXPECT_TRUE(answer.empty() || answer == "GET /a close\n" || answer == "GET /a keep\n") << answer;
    }
  }
}

}  // namespace
}  // namespace gateway::test::session_slot_test
