// Flights whose waiting tasks and leaders are on different threads.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <latch>
#include <random>
#include <thread>

#include "io/runtime/deadlines.hpp"
#include "upstream/flight_bench.hpp"

namespace gateway::test::flight_threads_test {
namespace {

constexpr auto never = timed::never;

TEST(flight_threads, one_completion_wakes_the_passengers_of_both) {
  constexpr std::size_t each = 500;
  flight_table table;
  auto made = table.join(key_of(1));
  std::vector<waiting_task> waiters(2 * each);
  std::array<waiting_room, 2> rooms;
  for (std::size_t i = 0; i < waiters.size(); ++i) rooms[i % 2].wait(made.joined, never, waiters[i]);
  for (auto& one : rooms) one.settle();
  auto const result = std::make_shared<fetch_result>();
  {
    std::jthread const first{[&] { rooms[0].loop.restart(), rooms[0].loop.run(); }};
    std::jthread const second{[&] { rooms[1].loop.restart(), rooms[1].loop.run(); }};
    std::jthread const lands{[&] { made.lead->complete(result); }};
  }
  for (auto const& one : waiters) {
    ASSERT_EQ(one.endings, 1);
    ASSERT_EQ(one.heard, result);
  }
  EXPECT_EQ(rooms[0].live.count() + rooms[1].live.count(), 0U);
}

TEST(flight_threads, a_completion_while_passengers_come_and_their_deadlines_pass_misses_nobody) {
  for (unsigned round = 0; round < 100; ++round) {
    flight_table table;
    auto made = table.join(key_of(round));
    std::array<std::vector<waiting_task>, 2> waiters{std::vector<waiting_task>(20), std::vector<waiting_task>(20)};
    std::array<waiting_room, 2> rooms;
    std::latch ready{3};
    auto const come = [&](std::size_t which) {
      std::mt19937 random{round * 2 + static_cast<unsigned>(which)};
      ready.arrive_and_wait();
      for (auto& one : waiters[which]) {
        auto const soon = mono_now() + std::chrono::microseconds{random() % 300};
        rooms[which].wait(made.joined, random() % 2 == 0 ? never : soon, one);
        rooms[which].settle();
      }
      rooms[which].loop.restart();
      rooms[which].loop.run();  // returns when the last task has ended
    };
    {
      std::jthread const first{come, 0};
      std::jthread const second{come, 1};
      std::jthread const lands{[&] {
        ready.arrive_and_wait();
        made.lead.reset();  // dropped
      }};
    }
    for (auto const& group : waiters)
      for (auto const& one : group) {
        ASSERT_EQ(one.endings, 1);
        ASSERT_TRUE(!one.heard || one.heard->why == fault::internal);
      }
    ASSERT_EQ(table.size(), 0U);
  }
}

// Each thread joins flights for a few keys again and again; a leader completes its flight after a while, or is dropped.
struct crowd {
  explicit crowd(unsigned seed) : random(seed) {}
  std::mt19937 random;
  waiting_room here;
  std::uint64_t led = 0, heard = 0, wrong = 0;
};

task<void> join_again_and_again(flight_table& table, crowd& me, std::array<std::atomic<int>, 3>& in_the_air, int times) {
  for (int i = 0; i < times; ++i) {
    auto const number = me.random() % 3;
    auto made = table.join(key_of(static_cast<unsigned>(number)));
    if (made.lead) {
      ++me.led;
      if (in_the_air[number].fetch_add(1) != 0) ++me.wrong;  // two leaders at once for one key
      if (me.random() % 2 == 0) co_await asio::post(me.here.loop, use_op);
      in_the_air[number].fetch_sub(1);
      if (me.random() % 4 == 0) {
        made.lead.reset();
      } else {
        auto const result = std::make_shared<fetch_result>();
        made.lead->complete(result);
      }
    }
    auto const completed = co_await flight::wait(made.joined, me.here.loop.get_executor(), never);
    if (completed) ++me.heard;
  }
}

TEST(flight_threads, every_joiner_hears_of_a_completion_and_a_key_has_one_flight) {
  constexpr int tasks = 10, times = 40;
  flight_table table;
  std::array<std::atomic<int>, 3> in_the_air{};
  std::array<crowd, 3> crowds{crowd(1), crowd(2), crowd(3)};
  {
    std::vector<std::jthread> threads;
    for (auto& one : crowds)
      threads.emplace_back([&table, &in_the_air, &one] {
        for (int i = 0; i < tasks; ++i)
          spawn(one.here.loop.get_executor(), one.here.live, "boards", join_again_and_again(table, one, in_the_air, times));
        one.here.loop.run();
      });
  }
  for (auto const& one : crowds) {
    EXPECT_EQ(one.heard, static_cast<std::uint64_t>(tasks * times));
    EXPECT_EQ(one.wrong, 0U);
    EXPECT_EQ(one.here.live.count(), 0U);
  }
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace gateway::test::flight_threads_test
