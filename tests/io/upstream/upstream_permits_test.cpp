// Permits: never more than the limit, granted in the order of arrival within one client, and none is ever lost.
#include "io/upstream/upstream_permits.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "io/runtime/clock.hpp"
#include "io/runtime/deadlines.hpp"
#include "io/runtime/spawn.hpp"

namespace gateway::test::turns_test {
namespace {

// As long as the duration of an exchange is unknown, half of the timeout may be spent waiting.
constexpr std::chrono::hours timeout{2};
mono_time end_of(mono_time latest) { return latest + timeout / 2; }

requester made_up() {
  requester who;
  who.account = who.client = 1;
  return who;
}
const requester somebody = made_up();

mono_time later() { return mono_now() + std::chrono::hours{1}; }

limiter_policy at_once(std::uint64_t limit) {
  limiter_policy policy;
  policy.max_in_flight = limit;
  return policy;
}

struct guest {
  std::optional<bool> seated;  // nullopt while it waits
  upstream_permits::permit place;
};

task<void> come(upstream_permits& permits, executor where, mono_time deadline, guest& who, std::vector<guest*>& order) {
  auto const asked = permits.apply(where, somebody, end_of(deadline), timeout);
  auto admitted = co_await permits.acquire(asked, fair_queue::position::last);
  auto place = std::move(admitted.granted);
  who.seated = static_cast<bool>(place);
  who.place = std::move(place);
  order.push_back(&who);
}

task<void> try_to_come(upstream_permits& permits, upstream_permits::request asked, upstream_permits::admitted& made) {
  made = co_await permits.try_acquire(asked);
}

struct upstream_permits_test : testing::Test {
  void start(guest& who, mono_time deadline = later()) {
    spawn(loop.get_executor(), live, "guest", come(permits, loop.get_executor(), deadline, who, order));
  }
  void settle() {
    loop.restart();
    loop.poll();
  }

  upstream_permits::admitted try_acquire(const upstream_permits::request& asked) {
    upstream_permits::admitted made;
    spawn(loop.get_executor(), live, "try", try_to_come(permits, asked, made));
    settle();
    return made;
  }
  upstream_permits::permit take() {
    return try_acquire(permits.apply(loop.get_executor(), somebody, mono_now() + timeout, timeout)).granted;
  }

  static mono_time long_ago() { return mono_now() - std::chrono::hours{1}; }

  upstream_permits permits{at_once(2), 1};
  live_tasks live;
  std::vector<guest*> order;
  asio::io_context loop{1};
};

TEST_F(upstream_permits_test, as_many_as_the_limit_get_a_permit_at_once) {
  std::array<guest, 3> guests;
  for (auto& one : guests) start(one);
  settle();
  EXPECT_EQ(guests[0].seated, true);
  EXPECT_EQ(guests[1].seated, true);
  EXPECT_EQ(guests[2].seated, std::nullopt);
  EXPECT_EQ(permits.now().in_flight, 2U);
  EXPECT_EQ(permits.now().waiting, 1U);
  EXPECT_EQ(permits.now().limit, 2U);
  guests[1].place = {};
  settle();
  EXPECT_EQ(guests[2].seated, true);
  EXPECT_EQ(permits.now().in_flight, 2U);
}

TEST_F(upstream_permits_test, a_free_permit_is_had_even_after_the_deadline) {
  guest one;
  start(one, long_ago());
  settle();
  EXPECT_EQ(one.seated, true);
}

TEST_F(upstream_permits_test, permits_go_to_the_requests_that_wait_longest) {
  std::array<guest, 12> guests;
  for (auto& one : guests) start(one);
  for (auto& one : guests) {
    settle();
    EXPECT_EQ(one.seated, true);
    one.place = {};
  }
  settle();
  ASSERT_EQ(order.size(), guests.size());
  for (std::size_t i = 0; i < guests.size(); ++i) EXPECT_EQ(order[i], &guests[i]);
  EXPECT_EQ(permits.now().in_flight, 0U);
}

TEST_F(upstream_permits_test, no_later_request_takes_a_permit_that_was_promised) {
  std::array<guest, 4> guests;
  for (std::size_t i = 0; i < 3; ++i) start(guests[i]);
  settle();
  guests[0].place = {};  // granted to the third task, which has not run yet
  start(guests[3]);
  loop.restart();
  loop.poll();
  EXPECT_EQ(guests[2].seated, true);
  EXPECT_EQ(guests[3].seated, std::nullopt);
  EXPECT_EQ(permits.now().in_flight, 2U);
  guests[1].place = {};
  settle();
  EXPECT_EQ(guests[3].seated, true);
}

TEST_F(upstream_permits_test, a_deadline_passes_and_the_next_in_the_queue_is_served) {
  std::array<guest, 4> guests;
  start(guests[0]);
  start(guests[1]);
  start(guests[2], long_ago());
  start(guests[3]);
  settle();
  settle();
  EXPECT_EQ(guests[2].seated, false);
  EXPECT_EQ(permits.now().waiting, 1U);
  EXPECT_EQ(permits.now().in_flight, 2U);
  guests[0].place = {};
  settle();
  EXPECT_EQ(guests[3].seated, true);
}

// The permit is granted after the deadline, but before the waiting task could notice: it is valid.
TEST_F(upstream_permits_test, a_grant_that_crosses_a_deadline_is_not_lost) {
  std::array<guest, 3> guests;
  start(guests[0]);
  start(guests[1]);
  settle();
  start(guests[2], long_ago());
  loop.restart();
  for (int step = 0; step < 10 && permits.now().waiting == 0; ++step) loop.poll_one();
  ASSERT_EQ(permits.now().waiting, 1U);
  ASSERT_EQ(guests[2].seated, std::nullopt);
  guests[0].place = {};
  EXPECT_EQ(permits.now().in_flight, 2U);
  settle();
  settle();
  EXPECT_EQ(guests[2].seated, true);
  EXPECT_EQ(permits.now().in_flight, 2U);
  guests[1].place = {};
  guests[2].place = {};
  EXPECT_EQ(permits.now().in_flight, 0U);
}

TEST_F(upstream_permits_test, a_permit_is_given_back_once_however_it_is_moved) {
  guest one, other;
  start(one);
  start(other);
  settle();
  auto moved = std::move(one.place);
  EXPECT_FALSE(one.place);
  EXPECT_EQ(permits.now().in_flight, 2U);
  moved = std::move(other.place);  // both permits are held until both objects are empty
  moved = {};
  other.place = {};
  EXPECT_EQ(permits.now().in_flight, 0U);
}

TEST_F(upstream_permits_test, who_does_not_want_to_wait_takes_what_is_free) {
  auto first = take();
  auto const second = take();
  auto const third = take();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(third);
  EXPECT_EQ(permits.now().in_flight, 2U);
  guest patient;
  start(patient);
  settle();
  first = {};
  EXPECT_FALSE(take());  // it was granted to the waiting task
  settle();
  EXPECT_EQ(patient.seated, true);
}

TEST_F(upstream_permits_test, who_joins_what_is_under_way_lengthens_it_to_twice_its_time_at_most) {
  auto const begun = mono_now();
  auto const asked = permits.apply(loop.get_executor(), somebody, begun + timeout, timeout);
  auto const admitted = try_acquire(asked);
  ASSERT_TRUE(admitted.granted);
  exchange_deadline const deadline{begun + timeout, upstream_permits::extension_of(asked)};
  EXPECT_EQ(deadline.at(), begun + timeout);
  permits.join(asked, somebody, begun + timeout + timeout / 2);
  EXPECT_EQ(deadline.at(), begun + timeout + timeout / 2);
  permits.join(asked, somebody, begun + 10 * timeout);
  EXPECT_GE(deadline.at(), begun + 2 * timeout);
  EXPECT_LT(deadline.at(), begun + 3 * timeout);
}

TEST_F(upstream_permits_test, when_they_close_all_that_wait_hear_of_it_and_permits_in_use_stay_until_they_are_given_back) {
  std::array<guest, 5> guests;
  for (std::size_t i = 0; i < 4; ++i) start(guests[i]);
  settle();
  permits.close();
  settle();
  EXPECT_EQ(guests[1].seated, true);
  EXPECT_EQ(guests[2].seated, false);
  EXPECT_EQ(guests[3].seated, false);
  EXPECT_EQ(permits.now().in_flight, 2U);
  EXPECT_EQ(permits.now().waiting, 0U);
  guests[0].place = {};
  guests[1].place = {};
  EXPECT_EQ(permits.now().in_flight, 0U);
  start(guests[4]);
  settle();
  EXPECT_EQ(guests[4].seated, false);
  EXPECT_FALSE(take());
  permits.close();  // a second call is harmless
}

// The limiter closes after the grant, but before the waiting task learns of it: the permit is valid, and is returned later.
TEST_F(upstream_permits_test, closing_does_not_lose_a_permit_that_was_granted) {
  std::array<guest, 3> guests;
  for (auto& one : guests) start(one);
  settle();
  guests[0].place = {};
  permits.close();
  settle();
  EXPECT_EQ(guests[2].seated, true);
  guests[1].place = {};
  guests[2].place = {};
  EXPECT_EQ(permits.now().in_flight, 0U);
}

// On several threads.
struct gauge {
  std::atomic<std::int64_t> inside{0};
  std::atomic<std::int64_t> most{0};
  void enter() {
    auto const now = inside.fetch_add(1) + 1;
    for (auto seen = most.load(); seen < now && !most.compare_exchange_weak(seen, now);) continue;
  }
  void leave() { inside.fetch_sub(1); }
};

struct crew {
  explicit crew(unsigned with) : seed(with), random(with) {}
  unsigned seed;
  std::mt19937 random;
  live_tasks live;
  asio::io_context loop{1};
  std::uint64_t seated = 0, sent_away = 0;
};

task<void> come_again_and_again(upstream_permits& permits, gauge& seen, crew& me, int times) {
  for (int i = 0; i < times; ++i) {
    auto const time_left = std::chrono::microseconds{static_cast<int>(me.random() % 200) - 50};  // some deadlines have already passed
    auto const deadline = me.random() % 3 == 0 ? later() : mono_now() + time_left;
    auto const optional = permits.apply(me.loop.get_executor(), somebody, mono_now() + timeout, timeout);
    auto tried = co_await permits.try_acquire(optional);
    auto place = std::move(tried.granted);
    if (me.random() % 2 == 0) place = {};  // returned like the others
    if (!place) {
      auto const asked = permits.apply(me.loop.get_executor(), somebody, end_of(deadline), timeout);
      auto admitted = co_await permits.acquire(asked, fair_queue::position::last);
      place = std::move(admitted.granted);
    }
    if (!place) {
      ++me.sent_away;
      continue;
    }
    ++me.seated;
    seen.enter();
    for (auto stays = me.random() % 4; stays > 0; --stays) co_await asio::post(me.loop, use_op);
    seen.leave();
  }
}

TEST(permits_threads, any_schedule_keeps_the_limit_and_loses_no_permit) {
  constexpr int tasks = 12, times = 40;
  for (unsigned round = 0; round < 10; ++round) {
    auto const limit = std::uint64_t{1} + round % 5;
    upstream_permits permits{at_once(limit), 1};
    gauge seen;
    std::array<crew, 3> crews{crew(round * 3), crew(round * 3 + 1), crew(round * 3 + 2)};
    {
      std::vector<std::jthread> threads;
      for (auto& one : crews)
        threads.emplace_back([&permits, &seen, &one] {
          for (int i = 0; i < tasks; ++i)
            spawn(one.loop.get_executor(), one.live, "comes", come_again_and_again(permits, seen, one, times));
          one.loop.run();
        });
    }
    std::uint64_t ended = 0;
    for (auto const& one : crews) {
      ended += one.seated + one.sent_away;
      ASSERT_EQ(one.live.count(), 0U);
      ASSERT_GT(one.seated, 0U);
    }
    ASSERT_EQ(ended, crews.size() * tasks * times);
    ASSERT_LE(seen.most.load(), static_cast<std::int64_t>(limit));
    ASSERT_EQ(permits.now().in_flight, 0U);
    ASSERT_EQ(permits.now().waiting, 0U);
  }
}

TEST(permits_threads, closing_at_any_moment_strands_nobody) {
  for (unsigned round = 0; round < 20; ++round) {
    upstream_permits permits{at_once(2), 1};
    gauge seen;
    std::array<crew, 2> crews{crew(round * 2), crew(round * 2 + 1)};
    {
      std::vector<std::jthread> threads;
      for (auto& one : crews)
        threads.emplace_back([&permits, &seen, &one] {
          for (int i = 0; i < 10; ++i) spawn(one.loop.get_executor(), one.live, "comes", come_again_and_again(permits, seen, one, 20));
          one.loop.run();
        });
      threads.emplace_back([&permits, &crews] {
        for (unsigned pause = crews[0].seed * 40; pause > 0; --pause) std::this_thread::yield();
        permits.close();
      });
    }
    for (auto const& one : crews) ASSERT_EQ(one.seated + one.sent_away, 200U);
    ASSERT_EQ(permits.now().in_flight, 0U);
    ASSERT_EQ(permits.now().waiting, 0U);
  }
}

}  // namespace
}  // namespace gateway::test::turns_test
