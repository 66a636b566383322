// Held readers: which of them an answer wakes, and what is left of those that leave.
#include "app/state/held_readers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/auth/partition.hpp"
#include "io/runtime/clock.hpp"
#include "io/runtime/worker.hpp"

namespace gateway::test::held_readers_test {
namespace {

using namespace std::chrono_literals;

constexpr short_hash_key hash_key{std::byte{3}};

call_sid sid(char digit) { return *call_sid::parse("CA" + std::string(32, digit)); }

fetch_result_ptr some_result() { return std::make_shared<const fetch_result>(); }

// A reader as a task: it waits until it wakes.
struct reader_at_work {
  std::optional<held_reader> is;
  fetch_result_ptr result;
  bool woke = false, released = false;
};

struct held_readers_test : testing::Test {
  static cache_key key_of(char digit, unsigned owner = 1) {
    partition who;
    who.id[0] = static_cast<std::byte>(owner);
    return {who, sid(digit), hash_key};
  }
  static task<void> wait(reader_at_work& one) {
    co_await one.is->timer.async_wait(use_op);
    one.result = one.is->end();
    one.released = one.is->is_released();
    one.woke = true;
    one.is.reset();
  }
  reader_at_work& hold(const cache_key& key, processing_state state = processing_state::absent, std::uint64_t generation = 0,
                       mono_time end = mono_now() + 1h, std::string_view payer = {}) {
    auto& one = *readers.emplace_back(std::make_unique<reader_at_work>());
    one.is.emplace(held, lane, key, state, generation, end, payer);
    if (auto call = one.is->to_watch()) watched.push_back(std::move(call));
    at.start_task("reader", wait(one));
    run();
    return one;
  }
  void leave(reader_at_work& one) {
    one.is->timer.cancel();
    run();
  }
  void run() {
    at.loop.restart();
    at.loop.poll();
  }
  ~held_readers_test() override {
    held.release_all();
    run();
  }

  worker at{1};
  held_readers held{1000, hash_key};
  held_lane lane{at.get_executor()};
  std::vector<std::shared_ptr<held_call>> watched;
  std::vector<std::unique_ptr<reader_at_work>> readers;
};

TEST_F(held_readers_test, a_final_answer_wakes_all_readers_of_its_call_and_partition) {
  auto const& complete = hold(key_of('1'));
  auto const& all = hold(key_of('1'), processing_state::all);
  auto const& other_call = hold(key_of('2'));
  auto const& other_owner = hold(key_of('1', 2));
  auto const came = some_result();
  held.arrived(key_of('1'), 0, woken_readers::all, came);
  run();
  EXPECT_EQ(complete.result, came);
  EXPECT_EQ(all.result, came);
  EXPECT_FALSE(other_call.woke);
  EXPECT_FALSE(other_owner.woke) << "tenants share nothing";
}

TEST_F(held_readers_test, a_partial_wakes_those_that_take_one) {
  auto const& absent = hold(key_of('1'));
  auto const& complete = hold(key_of('1'), processing_state::complete);
  auto const& partial = hold(key_of('1'), processing_state::partial);
  auto const& all = hold(key_of('1'), processing_state::all);
  EXPECT_TRUE(held.takes_partial(*watched.front()));
  held.arrived(key_of('1'), 0, woken_readers::partial, some_result());
  run();
  EXPECT_TRUE(partial.woke && all.woke);
  EXPECT_FALSE(absent.woke || complete.woke);
  EXPECT_FALSE(held.takes_partial(*watched.front()));
}

TEST_F(held_readers_test, not_ready_wakes_nobody) {
  auto const& one = hold(key_of('1'));
  held.arrived(key_of('1'), 0, woken_readers::none, some_result());
  run();
  EXPECT_FALSE(one.woke);
}

TEST_F(held_readers_test, an_answer_from_before_a_purge_is_not_for_a_reader_after_it) {
  auto const& before = hold(key_of('1'), processing_state::absent, 6);
  auto const& after = hold(key_of('1'), processing_state::absent, 7);
  held.arrived(key_of('1'), 6, woken_readers::all, some_result());
  run();
  EXPECT_TRUE(before.woke);
  EXPECT_FALSE(after.woke);
  held.arrived(key_of('1'), 7, woken_readers::all, some_result());
  run();
  EXPECT_TRUE(after.woke);
}

TEST_F(held_readers_test, the_first_reader_of_a_call_starts_its_watch_and_the_last_one_ends_it) {
  auto& first = hold(key_of('1'));
  auto& second = hold(key_of('1'));
  ASSERT_EQ(watched.size(), 1U);
  leave(first);
  EXPECT_FALSE(held.has_ended(*watched.front()));
  leave(second);
  EXPECT_TRUE(held.has_ended(*watched.front()));
  EXPECT_FALSE(second.result);
  hold(key_of('1'));
  EXPECT_EQ(watched.size(), 2U) << "a new watch, for the old one ends";
}

TEST_F(held_readers_test, a_release_wakes_everybody_with_nothing) {
  auto const& one = hold(key_of('1'));
  auto const& other = hold(key_of('2'), processing_state::partial);
  held.release_all();
  run();
  EXPECT_TRUE(one.woke && one.released && !one.result);
  EXPECT_TRUE(other.woke && other.released && !other.result);
}

TEST_F(held_readers_test, a_reader_that_is_about_to_wake_may_leave) {
  auto const& staying = hold(key_of('1'));
  auto& leaving = hold(key_of('1'));
  held.arrived(key_of('1'), 0, woken_readers::all, some_result());
  leave(leaving);
  EXPECT_TRUE(staying.woke && leaving.woke);
  EXPECT_TRUE(held.has_ended(*watched.front()));
}

// Between two steps the worker does what else has come.
TEST_F(held_readers_test, thousands_wake_in_many_small_steps) {
  for (int i = 0; i < 2000; ++i) hold(key_of('1'));
  held.arrived(key_of('1'), 0, woken_readers::all, some_result());
  int asleep = 2000, largest = 0;
  at.loop.restart();
  auto const count = [&] {
    auto const now = static_cast<int>(std::ranges::count_if(readers, [](auto const& one) { return !one->woke; }));
    largest = std::max(largest, asleep - now);
    asleep = now;
  };
  std::function<void()> look = [&] {
    count();
    if (asleep > 0) asio::post(at.loop, look);
  };
  asio::post(at.loop, look);
  at.loop.poll();
  EXPECT_EQ(asleep, 0);
  EXPECT_LE(largest, 100) << "so many answers are written before another request is served";
}

TEST_F(held_readers_test, lists_the_readers_of_a_call_by_partition_with_the_first_end_of_a_hold) {
  auto const now = mono_now();
  hold(key_of('1'), processing_state::absent, 0, now + 40s);
  hold(key_of('1'), processing_state::partial, 0, now + 20s);
  hold(key_of('1', 2), processing_state::absent, 0, now + 10s);
  hold(key_of('2'), processing_state::absent, 0, now + 5s);
  auto const of_owner = [&](unsigned owner) {
    auto const all = held.list(sid('1'));
    EXPECT_EQ(all.size(), 2U);
    return *std::ranges::find(all, key_of('1', owner).owner, &held_readers::listed::owner);
  };
  EXPECT_EQ(of_owner(1).readers, 2U);
  EXPECT_EQ(of_owner(1).first_end, now + 20s);
  EXPECT_EQ(of_owner(2).readers, 1U);
  EXPECT_EQ(of_owner(2).first_end, now + 10s);
  held.arrived(key_of('1'), 0, woken_readers::partial, some_result());
  EXPECT_EQ(of_owner(1).readers, 1U) << "the other one is on its way";
}

TEST_F(held_readers_test, of_five_thousand_some_vanish_and_each_of_the_others_gets_the_answer_of_its_call) {
  constexpr unsigned all = 5000, staying = 1000, calls = 50;
  held.set_most(2 * all);
  std::vector<hold_place> places;
  for (unsigned i = 0; i < all; ++i) {
    places.push_back(held.take_place(key_of('1', i % calls), 1, all));
    ASSERT_TRUE(places.back());
    hold(key_of('1', i % calls));
  }
  for (unsigned i = staying; i < all; ++i) {
    places[i] = hold_place{};
    readers[i]->is->timer.cancel();
  }
  run();
  EXPECT_EQ(held.held(), staying);
  std::vector<fetch_result_ptr> came;
  for (unsigned owner = 0; owner < calls; ++owner) {
    came.push_back(some_result());
    held.arrived(key_of('1', owner), 0, woken_readers::all, came.back());
  }
  run();
  for (unsigned i = 0; i < all; ++i) {
    ASSERT_TRUE(readers[i]->woke);
    ASSERT_EQ(readers[i]->result, i < staying ? came[i % calls] : nullptr) << i;
  }
}

TEST_F(held_readers_test, an_event_wakes_the_watches_of_its_call) {
  auto const awake = [&](const std::shared_ptr<held_call>& call) {
    bool woken = false;
    auto const wait_for = [](std::shared_ptr<sleeper> one, bool& result) -> task<void> {
      bool const came = co_await one->sleep_until(mono_now());
      result = came;
    };
    at.start_task("watch", wait_for(call->wakes, woken));
    auto const others = readers.size();
    at.loop.restart();
    while (at.live.count() > others) at.loop.run_one();
    return woken;
  };
  hold(key_of('a'));
  hold(key_of('a', 2));
  hold(key_of('A'));
  hold(key_of('2'));
  ASSERT_EQ(watched.size(), 4U);
  held.look_now(sid('a'));
  run();
  EXPECT_TRUE(awake(watched[0]));
  EXPECT_TRUE(awake(watched[1])) << "for each partition that waits for it";
  EXPECT_TRUE(awake(watched[2])) << "in whatever spelling";
  EXPECT_FALSE(awake(watched[3]));
}

TEST_F(held_readers_test, places_are_bounded_by_call_and_client_and_given_back) {
  std::vector<hold_place> places;
  while (auto place = held.take_place(key_of('1'), 1, 5000)) places.push_back(std::move(place));
  EXPECT_EQ(places.size(), 500U) << "half, for a client alone";
  EXPECT_EQ(held.held(), 500U);
  EXPECT_TRUE(held.take_place(key_of('1'), 2, 5000)) << "the next client";
  places.clear();
  EXPECT_EQ(held.held(), 0U);
  hold(key_of('1'));
  hold(key_of('1'));
  EXPECT_FALSE(held.take_place(key_of('1'), 3, 2));
  EXPECT_TRUE(held.take_place(key_of('2'), 3, 2));
  EXPECT_TRUE(held.take_place(key_of('1', 2), 3, 2));
}

TEST_F(held_readers_test, another_client_s_reader_can_pay_for_a_look) {
  auto const end = mono_now() + 1h;
  auto& first = hold(key_of('1'), processing_state::absent, 0, end, "billing");
  auto const& call = *watched.front();
  auto const payer_of = [&](std::vector<std::string_view> may) {
    return held.find_payer(call, [&](std::string_view client) { return std::ranges::find(may, client) != may.end(); });
  };
  EXPECT_EQ(payer_of({"billing", "elsewhere"}), "billing");
  hold(key_of('1'), processing_state::absent, 0, end, "billing");
  auto& second = hold(key_of('1'), processing_state::partial, 0, end, "reports");
  hold(key_of('1'), processing_state::absent, 0, end, "third");
  hold(key_of('2'), processing_state::absent, 0, end, "elsewhere");
  EXPECT_EQ(payer_of({"third"}), "third") << "neither of the first two";
  EXPECT_EQ(payer_of({"reports"}), "reports");
  EXPECT_FALSE(payer_of({"elsewhere"})) << "a reader of another call";
  leave(second);
  EXPECT_FALSE(payer_of({"reports"}));
  EXPECT_FALSE(first.woke);
}

}  // namespace
}  // namespace gateway::test::held_readers_test
