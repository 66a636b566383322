// A sleeper wakes up at each wake-up call and at its deadline, and at no other time.
#include "io/runtime/sleeper.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "io/runtime/clock.hpp"
#include "io/runtime/deadlines.hpp"
#include "io/runtime/spawn.hpp"

namespace gateway::test::sleeper_test {
namespace {

constexpr auto never = timed::never;

task<void> sleep_and_tell(std::shared_ptr<sleeper> who, mono_time deadline, std::optional<bool>& woken) {
  bool const was_woken = co_await who->sleep_until(deadline);
  woken = was_woken;
}

struct sleeper_test : testing::Test {
  void start(mono_time deadline) { spawn(loop.get_executor(), live, "sleeper", sleep_and_tell(who, deadline, woken)); }

  std::optional<bool> woken;
  live_tasks live;
  asio::io_context loop{1};
  std::shared_ptr<sleeper> who = std::make_shared<sleeper>(loop.get_executor());
};

mono_time long_ago() { return mono_now() - std::chrono::hours{1}; }

TEST_F(sleeper_test, a_wake_up_before_the_wait_counts) {
  who->wake();
  loop.run();
  start(never);
  loop.restart();
  loop.run();
  EXPECT_EQ(woken, true);
}

TEST_F(sleeper_test, a_wake_up_on_its_way_when_the_wait_begins_counts) {
  who->wake();
  start(never);
  loop.run();
  EXPECT_EQ(woken, true);
}

TEST_F(sleeper_test, a_wake_up_during_the_wait) {
  start(never);
  loop.poll();
  EXPECT_EQ(woken, std::nullopt);
  who->wake();
  loop.run();
  EXPECT_EQ(woken, true);
}

TEST_F(sleeper_test, the_deadline_alone) {
  start(long_ago());
  loop.run();
  EXPECT_EQ(woken, false);
}

TEST_F(sleeper_test, a_deadline_that_is_still_to_come) {
  auto const deadline = mono_now() + std::chrono::milliseconds{5};
  start(deadline);
  loop.run();
  EXPECT_EQ(woken, false);
  EXPECT_GE(mono_now(), deadline);
}

TEST_F(sleeper_test, a_wake_up_after_the_deadline_changes_nothing) {
  start(long_ago());
  loop.run();
  ASSERT_EQ(woken, false);
  who->wake();
  loop.restart();
  loop.run();
  EXPECT_EQ(woken, false);
}

TEST_F(sleeper_test, woken_many_times_wakes_once) {
  start(never);
  loop.poll();
  for (int i = 0; i < 10; ++i) who->wake();
  loop.run();
  EXPECT_EQ(woken, true);
  EXPECT_EQ(live.count(), 0U);
}

TEST_F(sleeper_test, dropped_by_all_while_a_wake_up_is_on_its_way) {
  std::weak_ptr<sleeper> const seen = who;
  who->wake();
  who.reset();
  EXPECT_FALSE(seen.expired());  // the wake-up still owns the sleeper
  loop.run();
  EXPECT_TRUE(seen.expired());
}

TEST_F(sleeper_test, a_loop_may_end_with_a_wait_or_a_wake_up_left) {
  start(never);
  loop.poll();
  who->wake();
}

TEST_F(sleeper_test, from_another_thread_at_any_moment) {
  for (int round = 0; round < 200; ++round) {
    woken.reset();
    who = std::make_shared<sleeper>(loop.get_executor());
    start(never);
    loop.restart();
    std::thread other{[one = who] { one->wake(); }};
    who.reset();
    loop.run();
    other.join();
    ASSERT_EQ(woken, true);
  }
}

TEST_F(sleeper_test, deadline_and_wake_up_at_the_same_moment) {
  for (int round = 0; round < 200; ++round) {
    woken.reset();
    who = std::make_shared<sleeper>(loop.get_executor());
    start(mono_now() + std::chrono::microseconds{round});
    loop.restart();
    std::thread other{[one = who] { one->wake(); }};
    loop.run();
    other.join();
    ASSERT_TRUE(woken.has_value());  // either result is right, but it must end
  }
}

}  // namespace
}  // namespace gateway::test::sleeper_test
