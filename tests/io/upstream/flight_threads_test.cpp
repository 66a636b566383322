// Flights whose passengers and pilots live on different threads.
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

TEST(flight_threads, one_landing_wakes_the_passengers_of_both) {
  constexpr std::size_t each = 500;
  flight_table table;
  auto boarding = table.board(key_of(1));
  std::vector<passenger> passengers(2 * each);
  std::array<lounge, 2> lounges;
  for (std::size_t i = 0; i < passengers.size(); ++i) lounges[i % 2].seat(boarding.joined, never, passengers[i]);
  for (auto& one : lounges) one.settle();
  auto const result = std::make_shared<landing>();
  {
    std::jthread const first{[&] { lounges[0].loop.restart(), lounges[0].loop.run(); }};
    std::jthread const second{[&] { lounges[1].loop.restart(), lounges[1].loop.run(); }};
    std::jthread const lands{[&] { boarding.lead->land(result); }};
  }
  for (auto const& one : passengers) {
    ASSERT_EQ(one.endings, 1);
    ASSERT_EQ(one.heard, result);
  }
  EXPECT_EQ(lounges[0].live.count() + lounges[1].live.count(), 0U);
}

TEST(flight_threads, a_landing_while_passengers_come_and_their_deadlines_pass_misses_nobody) {
  for (unsigned round = 0; round < 100; ++round) {
    flight_table table;
    auto boarding = table.board(key_of(round));
    std::array<std::vector<passenger>, 2> passengers{std::vector<passenger>(20), std::vector<passenger>(20)};
    std::array<lounge, 2> lounges;
    std::latch ready{3};
    auto const come = [&](std::size_t which) {
      std::mt19937 random{round * 2 + static_cast<unsigned>(which)};
      ready.arrive_and_wait();
      for (auto& one : passengers[which]) {
        auto const soon = mono_now() + std::chrono::microseconds{random() % 300};
        lounges[which].seat(boarding.joined, random() % 2 == 0 ? never : soon, one);
        lounges[which].settle();
      }
      lounges[which].loop.restart();
      lounges[which].loop.run();  // ends when the last of them has ended
    };
    {
      std::jthread const first{come, 0};
      std::jthread const second{come, 1};
      std::jthread const lands{[&] {
        ready.arrive_and_wait();
        boarding.lead.reset();  // dropped
      }};
    }
    for (auto const& group : passengers)
      for (auto const& one : group) {
        ASSERT_EQ(one.endings, 1);
        ASSERT_TRUE(!one.heard || one.heard->why == fault::internal);
      }
    ASSERT_EQ(table.size(), 0U);
  }
}

// Each thread boards for a few keys again and again; who leads lands after a while, or does not and drops the pilot.
struct crowd {
  explicit crowd(unsigned seed) : random(seed) {}
  std::mt19937 random;
  lounge here;
  std::uint64_t led = 0, heard = 0, wrong = 0;
};

task<void> board_again_and_again(flight_table& table, crowd& me, std::array<std::atomic<int>, 3>& in_the_air, int times) {
  for (int i = 0; i < times; ++i) {
    auto const number = me.random() % 3;
    auto boarding = table.board(key_of(static_cast<unsigned>(number)));
    if (boarding.lead) {
      ++me.led;
      if (in_the_air[number].fetch_add(1) != 0) ++me.wrong;  // two at once for one key
      if (me.random() % 2 == 0) co_await asio::post(me.here.loop, use_op);
      in_the_air[number].fetch_sub(1);
      if (me.random() % 4 == 0) {
        boarding.lead.reset();
      } else {
        auto const result = std::make_shared<landing>();
        boarding.lead->land(result);
      }
    }
    auto const landed = co_await flight::wait(boarding.joined, me.here.loop.get_executor(), never);
    if (landed) ++me.heard;
  }
}

TEST(flight_threads, everybody_who_boards_hears_of_a_landing_and_a_key_has_one_flight) {
  constexpr int tasks = 10, times = 40;
  flight_table table;
  std::array<std::atomic<int>, 3> in_the_air{};
  std::array<crowd, 3> crowds{crowd(1), crowd(2), crowd(3)};
  {
    std::vector<std::jthread> threads;
    for (auto& one : crowds)
      threads.emplace_back([&table, &in_the_air, &one] {
        for (int i = 0; i < tasks; ++i)
          spawn(one.here.loop.get_executor(), one.here.live, "boards", board_again_and_again(table, one, in_the_air, times));
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
