// Clients of other weights than 1: turns in proportion, and none in a row that could lie between those of others.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <vector>

#include "core/limit/bulk_turns.hpp"
#include "core/limit/fair_queue.hpp"
#include "core/limit/permit_request.hpp"

namespace gateway::test::weighted_turns_test {
namespace {

using position = fair_queue::position;
using queue_of_client = fair_queue::client_queue;

permit_request_ptr weighing(std::uint64_t client, std::uint64_t weight) {
  requester who;
  who.client = client;
  who.share.weight = weight;
  return std::make_shared<permit_request>(who, mono_time{}, std::chrono::nanoseconds{});
}

// Clients 0, 1, 2 … that always have a request waiting.
class backlog {
public:
  explicit backlog(std::vector<std::uint64_t> weights) : weights_(std::move(weights)) {
    for (std::uint64_t client = 0; client < weights_.size(); ++client) add(client);
  }
  template <class May>
  std::uint64_t next(May may) {
    auto const one =
        queue_.pop_if([&](const queue_of_client& each) { return may(each.client); }, [](const permit_request&) { return true; });
    add(one->client());
    return one->client();
  }
  std::uint64_t next() {
    return next([](std::uint64_t) { return true; });
  }
  std::vector<std::uint64_t> next(int count) {
    std::vector<std::uint64_t> order;
    for (int i = 0; i < count; ++i) order.push_back(next());
    return order;
  }

private:
  // Another one waits whenever one is taken: the client never leaves.
  void add(std::uint64_t client) {
    while (queue_.size_of(client) < 2) queue_.push(weighing(client, weights_[client]), position::last);
  }

  std::vector<std::uint64_t> weights_;
  fair_queue queue_;
};

TEST(weighted_turns, lie_between_those_of_others) {
  struct row {
    std::vector<std::uint64_t> weights, order;
  };
  for (auto const& [weights, order] : std::vector<row>{
           {{1, 1, 1}, {0, 1, 2, 0, 1, 2, 0}},
           {{2, 1}, {0, 1, 0, 0, 1, 0, 0, 1, 0}},
           {{1, 2, 4}, {2, 1, 2, 0, 2, 1, 2, 2, 1, 2, 0, 2}},
           {{4, 1, 1, 1, 1}, {0, 1, 0, 2, 0, 3, 4, 0, 0, 1}},
       }) {
    EXPECT_EQ(backlog{weights}.next(static_cast<int>(order.size())), order);
  }
}

// However long: after each turn each client has its share, to one turn.
TEST(weighted_turns, property_nobody_is_a_turn_away_from_its_share) {
  std::mt19937 dice{3};
  for (int run = 0; run < 60; ++run) {
    std::vector<std::uint64_t> weights(2 + dice() % 30);
    for (auto& one : weights) one = 1 + dice() % (run % 2 == 0 ? 4 : 100);
    auto const all = static_cast<double>(std::accumulate(weights.begin(), weights.end(), std::uint64_t{0}));
    backlog queue{weights};
    std::vector<double> had(weights.size());
    for (int turn = 1; turn <= 3000; ++turn) {
      ++had[queue.next()];
      for (std::size_t i = 0; i < weights.size(); ++i) {
        ASSERT_LE(std::abs(had[i] - turn * static_cast<double>(weights[i]) / all), 1.05) << run << " " << turn << " " << i;
      }
    }
  }
}

TEST(weighted_turns, who_was_held_up_does_not_catch_up) {
  backlog queue{{1, 4, 1}};
  for (int i = 0; i < 100; ++i) EXPECT_NE(queue.next([](std::uint64_t client) { return client != 1; }), 1U);
  auto const after = queue.next(12);
  EXPECT_LE(std::ranges::count(after, 1U), 9) << "two thirds of the turns, and one that was due";
  EXPECT_GE(std::ranges::count(after, 1U), 7);
}

// Any clients may come, go, be held up for a while and change their weight: all are served, in their own order, and of those that waited
// all the time none of equal weight had two turns more than another.
TEST(weighted_turns, property_whatever_happens_beside_equal_clients_stay_equal) {
  std::mt19937 dice{5};
  for (int run = 0; run < 200; ++run) {
    fair_queue queue;
    std::map<std::uint64_t, std::vector<permit_request_ptr>> waiting;
    std::uint64_t held_up = 99;
    std::size_t inside = 0;
    std::map<std::uint64_t, int> had{{0, 0}, {1, 0}};  // these two wait always
    auto const add = [&](std::uint64_t client, std::uint64_t weight) {
      queue.push(waiting[client].emplace_back(weighing(client, weight)), position::last);
      ++inside;
    };
    auto const take = [&](const permit_request_ptr& one) {
      auto& theirs = waiting[one->client()];
      std::erase(theirs, one);
      --inside;
    };
    for (int step = 0; step < 400; ++step) {
      for (auto const steady : {0U, 1U}) {
        while (queue.size_of(steady) < 2) add(steady, 3);
      }
      switch (dice() % 5) {
        case 0:
          add(2 + dice() % 4, 1 + dice() % 9);
          break;
        case 1:
          held_up = 2 + dice() % 5;
          break;
        case 2:
          if (auto& theirs = waiting[2 + dice() % 4]; !theirs.empty()) {
            auto const one = theirs[dice() % theirs.size()];
            ASSERT_TRUE(queue.remove(*one));
            ASSERT_FALSE(queue.remove(*one));
            take(one);
          }
          break;
        default: {
          auto const may = [&](const queue_of_client& one) { return one.client != held_up; };
          auto const one = queue.pop_if(may, [](const permit_request&) { return true; });
          ASSERT_NE(one, nullptr);
          ASSERT_NE(one->client(), held_up);
          ASSERT_EQ(one, waiting[one->client()].front()) << "in the order of its client";
          take(one);
          if (one->client() < 2) ++had[one->client()];
          ASSERT_LE(std::abs(had[0] - had[1]), 1);
        }
      }
      ASSERT_EQ(queue.size(), inside);
      ASSERT_EQ(queue.all().size(), inside);
    }
  }
}

TEST(weighted_turns, the_longest_queue_is_the_one_that_takes_the_most_rounds) {
  fair_queue queue;
  for (int i = 0; i < 8; ++i) queue.push(weighing(1, 4), position::last);
  for (int i = 0; i < 3; ++i) queue.push(weighing(2, 1), position::last);
  EXPECT_EQ(queue.longest(), 3.0);
  EXPECT_EQ(queue.rounds_of(1), 2.0);
  EXPECT_EQ(queue.last_of_longest()->client(), 2U);
  for (int i = 0; i < 5; ++i) queue.push(weighing(1, 4), position::last);
  EXPECT_EQ(queue.last_of_longest()->client(), 1U);
}

TEST(weighted_turns, until_the_last_of_a_client_each_other_has_turns_by_its_weight) {
  fair_queue queue;
  for (int i = 0; i < 20; ++i) queue.push(weighing(1, 4), position::last);
  for (int i = 0; i < 20; ++i) queue.push(weighing(2, 1), position::last);
  for (int i = 0; i < 3; ++i) queue.push(weighing(3, 2), position::last);
  auto const all = [](const queue_of_client&) { return true; };
  EXPECT_EQ(queue.permits_until_last_of(1, all), 20U + 5 + 3);
  EXPECT_EQ(queue.permits_until_last_of(2, all), 20U + 20 + 3);
  EXPECT_EQ(queue.permits_until_last_of(3, all), 3U + 6 + 2) << "one turn and a half is two";
}

TEST(weighted_turns, what_is_expected_is_what_happens) {
  std::mt19937 dice{9};
  for (int run = 0; run < 300; ++run) {
    fair_queue queue;
    for (std::uint64_t client = 0; client < 6; ++client) {
      auto const weight = 1 + dice() % 8;
      for (auto count = 1 + dice() % 30; count > 0; --count) queue.push(weighing(client, weight), position::last);
    }
    auto const expected = static_cast<double>(queue.permits_until_last_of(0, [](const queue_of_client&) { return true; }));
    double permits = 0;
    while (queue.size_of(0) > 0) ++permits, queue.pop();
    ASSERT_NEAR(permits, expected, 6) << "to a turn of each client";
  }
}

TEST(bulk_turns, bulk_has_its_least_share_and_no_more) {
  for (std::uint64_t const percent : {0U, 1U, 5U, 33U, 50U, 100U}) {
    bulk_turns turns;
    turns.set_share(percent);
    std::uint64_t bulk = 0;
    for (std::uint64_t turn = 1; turn <= 1000; ++turn) {
      if (turns.is_due()) {
        ++bulk;
        turns.bulk_went();
      } else {
        turns.interactive_went();
      }
      ASSERT_EQ(bulk, turn * percent / 100) << percent;
    }
  }
}

TEST(bulk_turns, what_bulk_could_not_use_is_not_saved) {
  bulk_turns turns;
  turns.set_share(10);
  for (int i = 0; i < 1000; ++i) turns.interactive_went();  // bulk waits, and may not be sent
  int in_a_row = 0;
  for (; turns.is_due(); ++in_a_row) turns.bulk_went();
  EXPECT_LE(in_a_row, 2);
}

TEST(bulk_turns, in_a_full_queue_bulk_keeps_its_least_share_of_the_places) {
  struct row {
    std::uint64_t percent;
    std::size_t waiting, places;
  };
  static constexpr row rows[] = {{5, 1000, 50}, {5, 3, 1}, {0, 1000, 0}, {100, 7, 7}};
  for (auto const& [percent, waiting, places] : rows) {
    bulk_turns turns;
    turns.set_share(percent);
    EXPECT_EQ(turns.places_of(waiting), places) << percent;
  }
}

}  // namespace
}  // namespace gateway::test::weighted_turns_test
