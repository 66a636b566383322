// How long the network may stay silent: as long as two retransmissions need, and no longer than a new connection may take.
#include "core/upstream/acknowledgement.hpp"

#include <gtest/gtest.h>

namespace gateway::test::acknowledgement_test {
namespace {

using namespace std::chrono_literals;

constexpr mono_time sent{1h};

TEST(acknowledgement, the_kernel_is_asked_when_most_exchanges_have_ended) {
  EXPECT_EQ(first_look(sent, 2s), sent + 300ms);
  EXPECT_EQ(first_look(sent, 100ms), sent + 100ms);
}

TEST(acknowledgement, a_near_network_has_the_time_of_three_shortest_time_outs) {
  EXPECT_EQ(acknowledged_by(sent, {true, 50us, 20us}, 2s), sent + 600ms);
  EXPECT_EQ(acknowledged_by(sent, {true, 0ns, 0ns}, 2s), sent + 600ms) << "nothing was measured";
}

TEST(acknowledgement, a_far_network_has_more) {
  EXPECT_EQ(acknowledged_by(sent, {true, 300ms, 25ms}, 10s), sent + 1200ms);
  EXPECT_EQ(acknowledged_by(sent, {true, 10ms, 100ms}, 10s), sent + 1230ms) << "and so has one whose round trips vary";
}

TEST(acknowledgement, it_is_never_more_than_a_connection_attempt_may_take) {
  for (auto const longest : {10ms, 500ms, 2000ms}) {
    for (auto const round_trip : {1ms, 100ms, 5000ms}) {
      auto const until = acknowledged_by(sent, {true, round_trip, 10ms}, longest);
      EXPECT_LE(until, sent + longest);
      EXPECT_GT(until, sent);
    }
  }
}

}  // namespace
}  // namespace gateway::test::acknowledgement_test
