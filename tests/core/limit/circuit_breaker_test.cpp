// A circuit breaker opens for the clients whose requests failed, and for all clients once more than one has failed.
#include "core/limit/circuit_breaker.hpp"

#include <gtest/gtest.h>

namespace gateway::test::circuit_breaker_test {
namespace {

using namespace std::chrono_literals;
using state = circuit_breaker::state;

constexpr std::uint64_t one_client = 1, another = 2, third = 3;
constexpr unsigned to_open = 3;
constexpr mono_time now{1h};

struct circuit_breaker_test : testing::Test {
  circuit_breaker breaker{backoff_policy{1s, 5s}};
  std::uint64_t sent = 0;

  bool fail(std::uint64_t client) {
    ++sent;
    return breaker.note_failure(client, sent, sent, to_open, 0, now);
  }
  void succeed() { breaker.note_success(++sent); }
};

TEST_F(circuit_breaker_test, a_client_that_fails_alone_opens_it_for_itself_alone) {
  EXPECT_FALSE(fail(one_client));
  EXPECT_FALSE(fail(one_client));
  EXPECT_TRUE(fail(one_client));
  EXPECT_EQ(breaker.state_for(one_client, now), state::open);
  EXPECT_EQ(breaker.state_for(another, now), state::closed);
}

TEST_F(circuit_breaker_test, a_failure_of_another_opens_it_for_everybody) {
  for (unsigned i = 0; i < to_open; ++i) fail(one_client);
  EXPECT_TRUE(fail(another)) << "requests that wait must hear of it";
  EXPECT_EQ(breaker.state_for(another, now), state::open);
  EXPECT_EQ(breaker.state_for(third, now), state::open);
}

TEST_F(circuit_breaker_test, failures_of_several_are_everybodys) {
  fail(one_client), fail(another), fail(one_client);
  EXPECT_EQ(breaker.state_for(third, now), state::open);
}

TEST_F(circuit_breaker_test, a_success_makes_it_a_new_story) {
  fail(one_client), fail(another);
  succeed();
  for (unsigned i = 0; i < to_open; ++i) fail(one_client);
  EXPECT_EQ(breaker.state_for(one_client, now), state::open);
  EXPECT_EQ(breaker.state_for(another, now), state::closed);
}

}  // namespace
}  // namespace gateway::test::circuit_breaker_test
