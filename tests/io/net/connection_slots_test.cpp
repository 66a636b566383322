// Which connection gives up its slot when all are taken.
#include "io/net/connection_slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "memory_stream.hpp"

namespace gateway::test::connection_slots_test {
namespace {

constexpr mono_time start{std::chrono::seconds{1000}};

client from(int address) {
  client who;
  who.address = group_of_ipv4({192, 0, 2, static_cast<std::uint8_t>(address)});
  return who;
}

client user(std::uint32_t uid) {
  client who;
  who.user = uid;
  return who;
}

// A connection that gives up its slot on request, unless `willing` is false.
struct connection final : timed {
  connection(deadline_list& list, connection_slots& all, const client& who, mono_time now) : timed(list), place(all, who, false, now) {
    EXPECT_TRUE(all.limiter().enter());
    place.held_by(this);
  }
  void on_deadline() override {}
  bool make_room() override {
    ++asked;
    return willing;
  }
  [[nodiscard]] bool gone() const { return place.is_given_up(); }

  connection_slot place;
  bool willing = true;
  int asked = 0;
};

struct slots_test : testing::Test {
  connection& connect(const client& who) { return all_connections.emplace_back(list, places, who, tick()); }
  connection& connect(int address) { return connect(from(address)); }
  // A new connection comes when all slots are taken, and leaves again. Returns whether another one gave up its slot.
  bool make_room() {
    limiter.set_limit(
        static_cast<std::uint64_t>(std::ranges::count_if(all_connections, [](const connection& one) { return !one.gone(); })));
    bool const displaced = places.take();
    limiter.set_limit(1000);
    if (displaced) limiter.leave();
    return displaced;
  }
  mono_time tick() { return now += std::chrono::milliseconds{1}; }

  deadline_list list;
  connection_limiter limiter{1000, 0, {}};
  worker at{1};
  connection_slots places{at, limiter};
  mono_time now = start;
  std::list<connection> all_connections;
};

TEST_F(slots_test, of_the_address_that_holds_most_the_longest_without_a_finished_request) {
  auto& lone = connect(1);
  auto& first = connect(2);
  auto& second = connect(2);
  auto& third = connect(2);
  first.place.finished(tick());
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(second.gone());
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(third.gone());
  EXPECT_FALSE(first.gone() || lone.gone());
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(lone.gone()) << "both have one now, and this one is older";
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(first.gone());
  EXPECT_FALSE(make_room());
}

TEST_F(slots_test, whose_request_is_being_answered_does_not_give_way) {
  auto& busy = connect(1);
  auto& idle = connect(1);
  auto& other = connect(2);
  busy.place.answering();
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(idle.gone());
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(other.gone());
  EXPECT_FALSE(make_room());
  EXPECT_EQ(busy.asked, 0);
  busy.place.finished(tick());
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(busy.gone());
}

TEST_F(slots_test, a_slot_changes_hands_once) {
  auto& one = connect(1);
  connect(1);
  limiter.set_limit(2);
  EXPECT_TRUE(places.take());
  EXPECT_TRUE(one.gone());
  EXPECT_TRUE(limiter.is_full());
  all_connections.pop_front();
  EXPECT_TRUE(limiter.is_full()) << "the end of who gave way frees nothing more";
  EXPECT_EQ(at.counters.connections_displaced.get(), 1U);
}

TEST_F(slots_test, a_lower_limit_is_reached_by_those_who_come) {
  for (int i = 0; i < 10; ++i) connect(1);
  limiter.set_limit(5);
  int came = 0;
  for (; came < 10 && !places.take(); ++came) {
  }
  EXPECT_EQ(came, 1) << "three for the first, who is refused, and three for the second";
  EXPECT_EQ(std::ranges::count_if(all_connections, [](const connection& each) { return each.gone(); }), 6);
}

TEST_F(slots_test, a_worker_that_has_nobody_asks_the_one_that_has_most) {
  worker elsewhere{2};
  connection_slots others{elsewhere, limiter};
  auto& one = connect(1);
  connect(1);
  limiter.set_limit(2);
  EXPECT_TRUE(others.take()) << "on credit";
  EXPECT_FALSE(one.gone()) << "on its own thread";
  run_ready(at.loop);
  EXPECT_TRUE(one.gone());
  EXPECT_EQ(at.counters.connections_displaced.get(), 1U);
  EXPECT_TRUE(limiter.is_full());
}

TEST_F(slots_test, credit_is_given_once_where_nobody_gives_way) {
  worker elsewhere{2};
  connection_slots others{elsewhere, limiter};
  connect(1).willing = false;
  limiter.set_limit(1);
  EXPECT_TRUE(others.take());
  run_ready(at.loop);
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(others.take());
    run_ready(at.loop);
  }
  limiter.leave();
  EXPECT_TRUE(others.take()) << "there is one again";
}

TEST_F(slots_test, who_refuses_is_passed_over_and_a_crowd_of_them_is_not_asked_as_a_whole) {
  auto& unwilling = connect(1);
  unwilling.willing = false;
  auto& willing = connect(1);
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(willing.gone());
  for (int i = 0; i < 500; ++i) connect(2).willing = false;
  connect(3);
  for (auto& one : all_connections) one.asked = 0;
  EXPECT_FALSE(make_room());
  int asked = 0;
  for (auto const& one : all_connections) asked += one.asked;
  EXPECT_LE(asked, 32);
}

TEST_F(slots_test, who_holds_equally_many_gives_way_by_age_whatever_the_order_of_coming) {
  std::vector<connection*> bots;
  auto& busy = connect(1);
  for (int i = 2; i <= 100; ++i) bots.push_back(&connect(i));
  for (int round = 0; round < 20; ++round) {
    busy.place.finished(tick());
    EXPECT_TRUE(make_room());
    EXPECT_FALSE(busy.gone()) << "the least idle of those that are compared";
  }
}

TEST_F(slots_test, a_crowd_with_an_address_each_is_looked_at_in_turn) {
  for (int i = 1; i <= 16; ++i) connect(i).willing = i == 16;
  EXPECT_FALSE(all_connections.back().gone());
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(all_connections.back().gone());
}

TEST_F(slots_test, users_of_a_unix_socket_are_told_apart_as_addresses_are) {
  auto& lone = connect(user(1000));
  auto& first = connect(user(0));
  connect(user(0));
  EXPECT_TRUE(make_room());
  EXPECT_TRUE(first.gone());
  EXPECT_FALSE(lone.gone());
}

TEST_F(slots_test, who_turns_out_to_be_somebody_else_counts_there) {
  connection_limiter bounded{10, 1, {}};
  connection_slots all{at, bounded};
  ASSERT_TRUE(bounded.enter());
  ASSERT_TRUE(bounded.enter());
  connection_slot one{all, from(1), false, tick()}, two{all, from(1), false, tick()};
  EXPECT_TRUE(one.pass_to(from(2), tick()));
  EXPECT_FALSE(two.pass_to(from(2), tick())) << "one is the most";
  EXPECT_TRUE(two.pass_to(from(3), tick()));
  EXPECT_TRUE(two.pass_to(from(4), tick()));
  EXPECT_TRUE(bounded.enter(from(3).address)) << "it has left that one";
}

// Compared with a model that searches all connections: with one address, the longest without a finished request gives way.
TEST_F(slots_test, agrees_with_a_model_that_looks_at_everybody) {
  struct known {
    connection* one;
    int address;
    mono_time since;
    bool answering = false;
  };
  std::mt19937 chance{3};
  std::map<int, known> alive;
  int next = 0, displaced = 0;
  for (int step = 0; step < 20'000; ++step) {
    auto some = alive.begin();
    if (!alive.empty()) std::advance(some, static_cast<int>(chance() % alive.size()));
    switch (chance() % 6) {
      case 0:
      case 1:
        if (alive.size() < 24) {
          int const address = 1 + static_cast<int>(chance() % 3);
          auto& one = connect(address);
          alive[next++] = {&one, address, now};
        }
        break;
      case 2:
        if (!alive.empty()) some->second.one->place.answering(), some->second.answering = true;
        break;
      case 3:
      case 4:
        if (alive.empty()) break;
        some->second.one->place.finished(some->second.since = tick());
        some->second.answering = false;
        break;
      default: {
        std::map<int, int> sizes;
        for (auto const& [id, each] : alive) ++sizes[each.address];
        int most = 0;
        for (auto const& [id, each] : alive) {
          if (!each.answering) most = std::max(most, sizes[each.address]);
        }
        auto oldest = mono_time::max();
        for (auto const& [id, each] : alive) {
          if (!each.answering && sizes[each.address] == most) oldest = std::min(oldest, each.since);
        }
        ASSERT_EQ(make_room(), most > 0);
        auto const gone = std::find_if(alive.begin(), alive.end(), [](const auto& each) { return each.second.one->gone(); });
        ASSERT_EQ(gone != alive.end(), most > 0);
        if (gone == alive.end()) break;
        ASSERT_EQ(sizes[gone->second.address], most) << step;
        ASSERT_EQ(gone->second.since, oldest) << step;
        ASSERT_FALSE(gone->second.answering);
        auto const* const ended = gone->second.one;
        alive.erase(gone);
        all_connections.remove_if([&](const connection& one) { return &one == ended; });
        ++displaced;
      }
    }
  }
  EXPECT_GT(displaced, 1000);
  EXPECT_EQ(all_connections.size(), alive.size());
}

}  // namespace
}  // namespace gateway::test::connection_slots_test
