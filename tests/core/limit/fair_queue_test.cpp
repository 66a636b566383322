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

permit_request_ptr of(std::uint64_t client, int number = 0, std::uint64_t weight = 1) {
  requester who;
  who.client = client;
  who.share.weight = weight;
  auto made = std::make_shared<permit_request>(who, mono_time{}, std::chrono::nanoseconds{});
  made->number = static_cast<std::uint64_t>(number);
  return made;
}
int number_of(const permit_request_ptr& one) { return static_cast<int>(one->number); }
constexpr auto everyone = [](const fair_queue::client_queue&) { return true; };

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

TEST(fair_queue, says_where_a_request_would_be_served_sooner) {
  struct row {
    int before;  // it in the queue of client 1
    std::uint64_t weight;
    int there;  // requests of client 2
    std::uint64_t weight_there;
    bool is_sooner;
  };
  static constexpr row rows[] = {
      {8, 1, 1, 1, true},                        // soon enough
      {2, 1, 2, 1, false},                       // third in both
      {0, 1, 0, 1, false},                       // it is already the first
      {1, 1, 0, 1, true},  {3, 4, 0, 1, false},  // the fourth of four in a round comes no later than the first of one
      {4, 4, 0, 1, true},  {0, 1, 3, 4, false}, {0, 1, 2, 4, true},
  };
  for (auto const& [before, weight, there, weight_there, is_sooner] : rows) {
    fair_queue queue;
    for (int i = 0; i < before; ++i) queue.push(of(1, i, weight), position::last);
    for (int i = 0; i < there; ++i) queue.push(of(2, i, weight_there), position::last);
    auto const one = of(1, 100, weight);
    EXPECT_EQ(queue.is_sooner_at(*one, 2, weight_there), is_sooner)
        << before << " " << there << ": it does not wait yet, and would be last";
    queue.push(one, position::last);
    queue.push(of(1, 101, weight), position::last);
    EXPECT_EQ(queue.is_sooner_at(*one, 2, weight_there), is_sooner) << before << " " << there;
    EXPECT_FALSE(queue.is_sooner_at(*one, 1, weight)) << "its own client again";
  }
}

TEST(fair_queue, the_last_of_a_client_waits_for_as_many_of_each_other_as_it_has_itself) {
  fair_queue queue;
  EXPECT_EQ(queue.permits_until_last_of(1, everyone), 0U);
  for (int i = 0; i < 10; ++i) queue.push(of(1), position::last);
  for (int i = 0; i < 3; ++i) queue.push(of(2), position::last);
  queue.push(of(3), position::last);
  EXPECT_EQ(queue.permits_until_last_of(1, everyone), 14U);
  EXPECT_EQ(queue.permits_until_last_of(2, everyone), 7U);
  EXPECT_EQ(queue.permits_until_last_of(3, everyone), 3U);
  EXPECT_EQ(queue.permits_until_last_of(2, [](const fair_queue::client_queue& one) { return one.client != 1; }), 4U);
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
  EXPECT_EQ(queue.longest(), 0.0);
  EXPECT_EQ(queue.last_of_longest(), nullptr);
  queue.push(of(1, 1), position::last);
  queue.push(of(2, 2), position::last);
  EXPECT_EQ(number_of(queue.last_of_longest()), 2) << "of equal queues the one that is served last";
  queue.push(of(1, 3), position::last);
  EXPECT_EQ(queue.longest(), 2.0);
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
