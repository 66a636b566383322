// A call for which the upstream fails repeatedly is requested less and less often.
#include "core/limit/call_backoff.hpp"

#include <gtest/gtest.h>

namespace gateway::test::call_backoff_test {
namespace {

using namespace std::chrono_literals;
using span = std::optional<std::chrono::nanoseconds>;

span wait(const call_backoff& table, std::uint64_t what, mono_time now) {
  auto const held_back = table.check(what, now);
  return held_back ? span{held_back->retry_in} : std::nullopt;
}

constexpr backoff_policy policy{2s, 30s};
constexpr mono_time start{1h};
constexpr std::uint64_t call = 77;

TEST(call_backoff, one_failure_costs_nothing) {
  call_backoff table{policy};
  EXPECT_EQ(wait(table, call, start), span{});
  table.note_failure(call, 503, 0, start);
  EXPECT_EQ(wait(table, call, start), span{}) << "it may have been an accident";
}

TEST(call_backoff, from_the_second_on_each_doubles_the_wait_up_to_a_bound) {
  call_backoff table{policy};
  auto now = start;
  table.note_failure(call, 503, 0, now);
  auto expected = std::chrono::nanoseconds{2s};
  for (int i = 0; i < 10; ++i) {
    table.note_failure(call, 503, 0, now);
    EXPECT_EQ(wait(table, call, now), span{expected});
    EXPECT_EQ(wait(table, call, now + expected - 1ns), span{1ns});
    now += expected;
    EXPECT_EQ(wait(table, call, now), span{});
    expected = std::min<std::chrono::nanoseconds>(expected * 2, 30s);
  }
}

TEST(call_backoff, without_a_span_nothing_is_held_up) {
  call_backoff table{backoff_policy{0s, 30s}};
  for (int i = 0; i < 5; ++i) table.note_failure(call, 503, 0.9, start);
  EXPECT_EQ(wait(table, call, start), span{});
}

TEST(call_backoff, success_wipes_the_slate) {
  call_backoff table{policy};
  table.note_failure(call, 503, 0, start);
  table.note_failure(call, 503, 0, start);
  table.note_success(call);
  EXPECT_EQ(wait(table, call, start), span{});
  table.note_failure(call, 503, 0, start);
  EXPECT_EQ(wait(table, call, start), span{});
}

TEST(call_backoff, an_old_story_does_not_count) {
  call_backoff table{policy};
  table.note_failure(call, 503, 0, start);
  table.note_failure(call, 503, 0, start + 1h);
  EXPECT_EQ(wait(table, call, start + 1h), span{});
}

TEST(call_backoff, another_call_in_the_same_place_is_not_held_up) {
  call_backoff table{policy};
  table.note_failure(call, 503, 0, start);
  table.note_failure(call, 503, 0, start);
  EXPECT_EQ(wait(table, call + 4096, start), span{});
  table.note_success(call + 4096);
  EXPECT_NE(wait(table, call, start), span{});
  table.note_failure(call + 4096, 503, 0, start);
  EXPECT_EQ(wait(table, call, start), span{}) << "forgotten";
}

}  // namespace
}  // namespace gateway::test::call_backoff_test
