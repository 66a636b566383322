// The queue is fair between clients, however many requests each has.
#include "core/limit/fair_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "core/limit/permit_request.hpp"

namespace gateway::test::fair_queue_test {
namespace {

using position = fair_queue::position;

permit_request_ptr of(std::uint64_t client, int number = 0) {
  requester who;
  who.client = client;
  auto made = std::make_shared<permit_request>(who, mono_time{}, std::chrono::nanoseconds{});
  made->number = static_cast<std::uint64_t>(number);
  return made;
}
int number_of(const permit_request_ptr& one) { return static_cast<int>(one->number); }

TEST(fair_queue, one_client_is_served_in_the_order_it_came) {
  fair_queue queue;
  for (int i = 0; i < 5; ++i) queue.push(of(1, i), position::last);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(number_of(queue.pop()), i);
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST(fair_queue, clients_are_served_in_rotation_whatever_each_asks_for) {
  fair_queue queue;
  for (int i = 0; i < 50; ++i) queue.push(of(1), position::last);
  queue.push(of(2), position::last);
  queue.push(of(3), position::last);
  queue.push(of(3), position::last);
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 6; ++i) order.push_back(queue.pop()->client());
  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 3, 1, 3, 1}));
}

TEST(fair_queue, who_comes_back_does_not_jump_the_round) {
  fair_queue queue;
  queue.push(of(1), position::last);
  queue.push(of(2), position::last);
  EXPECT_EQ(queue.pop()->client(), 1U);
  queue.push(of(1), position::last);
  EXPECT_EQ(queue.pop()->client(), 2U);
  EXPECT_EQ(queue.pop()->client(), 1U);
}

TEST(fair_queue, a_request_that_has_waited_before_is_first_in_its_clients_queue) {
  fair_queue queue;
  queue.push(of(1, 1), position::last);
  queue.push(of(1, 2), position::first);
  EXPECT_EQ(number_of(queue.pop()), 2);
}

TEST(fair_queue, what_two_clients_want_comes_as_soon_as_either_would_have_had_it) {
  fair_queue queue;
  std::vector<permit_request_ptr> greedy;
  for (int i = 0; i < 10; ++i) queue.push(greedy.emplace_back(of(1, i)), position::last);
  queue.push(of(2, 100), position::last);
  queue.join(greedy[8], 2);
  EXPECT_EQ(queue.size(), 11U);
  EXPECT_EQ(queue.size_of(1), 9U);
  std::vector<int> order;
  for (int i = 0; i < 4; ++i) order.push_back(number_of(queue.pop()));
  EXPECT_EQ(order, (std::vector<int>{0, 100, 1, 8}));
  EXPECT_EQ(greedy[8]->client(), 2U) << "and counts as that client's";
}

TEST(fair_queue, what_is_sooner_where_it_is_stays_there) {
  fair_queue queue;
  std::vector<permit_request_ptr> mine;
  for (int i = 0; i < 3; ++i) queue.push(mine.emplace_back(of(1, i)), position::last);
  for (int i = 0; i < 2; ++i) queue.push(of(2, 100 + i), position::last);
  queue.join(mine[2], 2);  // third in both queues
  queue.join(mine[1], 1);  // its own client again
  queue.join(mine[0], 3);  // it is already the first
  for (auto const& one : mine) EXPECT_EQ(one->client(), 1U);
  queue.join(mine[2], 3);
  EXPECT_EQ(mine[2]->client(), 3U);
}

TEST(fair_queue, a_request_that_does_not_wait_yet_is_going_to_wait_where_it_is_sooner) {
  fair_queue queue;
  queue.push(of(1), position::last);
  auto const later = of(1);
  queue.join(later, 2);
  EXPECT_EQ(later->client(), 2U);
  EXPECT_EQ(queue.size(), 1U);
  queue.push(later, position::last);
  EXPECT_EQ(queue.size_of(2), 1U);
}

TEST(fair_queue, the_last_of_a_client_waits_for_as_many_of_each_other_as_it_has_itself) {
  fair_queue queue;
  EXPECT_EQ(queue.permits_until_last_of(1), 0U);
  for (int i = 0; i < 10; ++i) queue.push(of(1), position::last);
  for (int i = 0; i < 3; ++i) queue.push(of(2), position::last);
  queue.push(of(3), position::last);
  EXPECT_EQ(queue.permits_until_last_of(1), 14U);
  EXPECT_EQ(queue.permits_until_last_of(2), 7U);
  EXPECT_EQ(queue.permits_until_last_of(3), 3U);
}

TEST(fair_queue, anybody_may_leave_from_anywhere) {
  fair_queue queue;
  std::vector<permit_request_ptr> all;
  for (int i = 0; i < 6; ++i) all.push_back(of(static_cast<std::uint64_t>(i % 2), i));
  for (auto const& one : all) queue.push(one, position::last);
  EXPECT_TRUE(queue.remove(*all[2]));
  EXPECT_FALSE(queue.remove(*all[2])) << "once";
  EXPECT_TRUE(queue.remove(*all[1]));
  EXPECT_TRUE(queue.remove(*all[3]));
  EXPECT_TRUE(queue.remove(*all[5]));
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.size_of(1), 0U);
  EXPECT_EQ(queue.pop(), all[0]);
  EXPECT_EQ(queue.pop(), all[4]);
  EXPECT_EQ(queue.pop(), nullptr);
}

TEST(fair_queue, knows_what_came_last_in_the_longest_queue) {
  fair_queue queue;
  EXPECT_EQ(queue.longest(), 0U);
  EXPECT_EQ(queue.last_of_longest(), nullptr);
  queue.push(of(1, 1), position::last);
  queue.push(of(2, 2), position::last);
  EXPECT_EQ(number_of(queue.last_of_longest()), 2) << "of equal queues the one that is served last";
  queue.push(of(1, 3), position::last);
  EXPECT_EQ(queue.longest(), 2U);
  EXPECT_EQ(number_of(queue.last_of_longest()), 3);
}

// With any order of arrivals, departures and grants: no request is lost, and while a client waits, no other is served twice.
TEST(fair_queue, property_nobody_is_lost_and_nobody_is_passed_over) {
  static constexpr std::uint64_t clients = 4;
  std::mt19937 dice{7};
  for (int run = 0; run < 200; ++run) {
    fair_queue queue;
    std::vector<permit_request_ptr> inside;
    std::array<std::array<int, clients>, clients> served_meanwhile{};
    auto const waits = [&](std::uint64_t client) { return queue.size_of(client) > 0; };
    for (int step = 0; step < 200; ++step) {
      auto const what = dice() % 4;
      if (what < 2) {
        inside.push_back(of(dice() % clients));
        queue.push(inside.back(), what == 0 ? position::last : position::first);
      } else if (what == 2 && !inside.empty()) {
        auto const one = inside[dice() % inside.size()];
        std::erase(inside, one);
        ASSERT_TRUE(queue.remove(*one));
      } else if (auto const one = queue.pop()) {
        std::erase(inside, one);
        served_meanwhile[one->client()] = {};
        for (std::uint64_t other = 0; other < clients; ++other) {
          if (other == one->client() || !waits(other)) continue;
          ASSERT_LE(++served_meanwhile[other][one->client()], 1);
        }
      }
      for (std::uint64_t client = 0; client < clients; ++client) {
        auto const of_it = std::ranges::count_if(inside, [&](auto const& one) { return one->client() == client; });
        ASSERT_EQ(queue.size_of(client), static_cast<std::size_t>(of_it));
        if (!waits(client)) served_meanwhile[client] = {};
      }
      ASSERT_EQ(queue.size(), inside.size());
      ASSERT_EQ(queue.all().size(), inside.size());
    }
  }
}

}  // namespace
}  // namespace gateway::test::fair_queue_test
