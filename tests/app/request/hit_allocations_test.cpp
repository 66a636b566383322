// A hit allocates nothing from the heap, with the real session and service over a socket, in plaintext and with TLS. (design.md: no
// allocation except for its reply, which is in a buffer that connections borrow.)
#include <gtest/gtest.h>

#include "allocation_count.hpp"
#include "app/server/lane_parts.hpp"
#include "io/net/session.hpp"
#include "net/socket_pair.hpp"
#include "net/tls_client.hpp"
#include "request/scripted_upstream.hpp"

namespace gateway::test::hit_allocations_test {
namespace {

struct hit_allocations : testing::Test {
  hit_allocations() { world.complete[0] = true; }
  void SetUp() override {
    if (!allocation_count::is_known) GTEST_SKIP() << "only builds with a sanitizer count";
  }

  // A request as an SDK sends it.
  [[nodiscard]] std::string request() const {
    return "GET /v1/Voice/" + tenants::sid("CA", 0) +
           "/Summary HTTP/1.1\r\nHost: gateway.test:8080\r\nUser-Agent: twilio-node/5.13.1 (linux x64) node/20.20.2\r\n"
           "Accept: application/json\r\nAccept-Charset: utf-8\r\nAccept-Encoding: gzip, compress, deflate, br\r\nAuthorization: " +
           world.authorization(parent) + "\r\nX-Request-Id: one-of-mine\r\nConnection: keep-alive\r\n\r\n";
  }
  // Runs the gateway on all received bytes; `spent` counts its allocations, not the client's.
  void serve_what_came() {
    auto const before = allocation_count::now();
    at.loop.restart();
    at.loop.poll();
    spent += allocation_count::now() - before;
  }
  // The allocations of 1,000 hits once the client and its connection are known.
  template <class Ask>
  std::uint64_t cost_of_hits(Ask ask) {
    for (int i = 0; i < 20; ++i) ask();
    spent = 0;
    for (int i = 0; i < 1000; ++i) ask();
    return spent;
  }

  tenants world;
  settings values;
  shared_state shared{values, short_hash_key{}, std::make_shared<const access_rules>(access_rules{1, fingerprint_key{}, {}, {}}), 1, 2};
  worker at{1};
  scripted_upstream upstream{at.get_executor(), world};
  data_service service{at, upstream, at.config.upstream, parts_for_lane(shared)};
  socket_pair ends{at.get_executor()};
  std::uint64_t spent = 0;
  std::size_t answers = 0;
};

TEST_F(hit_allocations, there_are_none_over_a_plain_connection) {
  at.start_task("session", serve(std::move(ends.server), client(), at, values.limits, service));
  auto const ask = [&] {
    ends.client.send(request());
    serve_what_came();
    if (ends.client.receive().starts_with("HTTP/1.1 200 OK\r\n")) ++answers;
  };
  EXPECT_EQ(cost_of_hits(ask), 0U);
  EXPECT_EQ(answers, 1020U);
  EXPECT_EQ(upstream.requests, 1U);
}

// The first hit of a new second formats the date again.
TEST_F(hit_allocations, there_are_none_when_a_second_begins) {
  date_text date;
  auto const moment = mono_now();
  auto const before = allocation_count::now();
  auto const size = date.at(moment).size();
  EXPECT_EQ(allocation_count::now() - before, 0U);
  EXPECT_EQ(size, 29U);
}

// OpenSSL 3.0 allocates four blocks of 40 bytes (WPACKET's) to frame one record in and one out; the gateway allocates none.
TEST_F(hit_allocations, there_are_none_of_ours_over_tls) {
  auto const context = server_tls_context();
  at.start_task("session", serve_secured(std::move(ends.server), *context, client(), at, values.limits, service));
  tls_client secured;
  auto const talk = [&] {
    ends.client.send(secured.take());
    serve_what_came();
    secured.receive(ends.client.receive());
  };
  secured.receive("");
  for (int i = 0; i < 4; ++i) talk();
  ASSERT_TRUE(secured.connected());
  auto const ask = [&] {
    auto const before = secured.plain().size();
    secured.write(request());
    talk();
    if (secured.plain().substr(before).starts_with("HTTP/1.1 200 OK\r\n")) ++answers;
  };
  EXPECT_LE(cost_of_hits(ask), 4 * 1000U);
  EXPECT_EQ(answers, 1020U);
  EXPECT_EQ(upstream.requests, 1U);
}

}  // namespace
}  // namespace gateway::test::hit_allocations_test
