// Upstream failures are remembered separately for proved and for unproved credentials.
#include "app/state/failing_calls.hpp"

#include <gtest/gtest.h>

namespace gateway::test::failing_calls_test {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t a_call = 7;
constexpr mono_time now{1h};

TEST(failing_calls, of_strangers_make_nobody_forget_what_the_proved_met) {
  failing_calls failing{backoff_policy{10s, 60s}, 1};
  for (int i = 0; i < 2; ++i) failing.note_failure(a_call, true, 503, now);
  for (std::uint64_t invented = 0; invented < 20'000; ++invented) failing.note_failure(invented * 0x9e3779b97f4a7c15, false, 503, now);
  auto const held = failing.look(a_call, true, now);
  ASSERT_TRUE(held);
  EXPECT_EQ(held->status, 503);
}

TEST(failing_calls, of_strangers_hold_up_no_proved_reader) {
  failing_calls failing{backoff_policy{10s, 60s}, 1};
  for (int i = 0; i < 2; ++i) failing.note_failure(a_call, false, 503, now);
  EXPECT_FALSE(failing.look(a_call, true, now));
  EXPECT_TRUE(failing.look(a_call, false, now));
}

TEST(failing_calls, end_for_all_with_a_success) {
  failing_calls failing{backoff_policy{10s, 60s}, 1};
  for (bool const proved : {true, true, false, false}) failing.note_failure(a_call, proved, 503, now);
  failing.note_success(a_call);
  EXPECT_FALSE(failing.look(a_call, true, now));
  EXPECT_FALSE(failing.look(a_call, false, now));
}

}  // namespace
}  // namespace gateway::test::failing_calls_test
