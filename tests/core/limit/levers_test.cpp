// What an operator holds by hand: alone, and as a product with the limiter's own states.
#include "core/limit/levers.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <memory>
#include <random>

#include "core/limit/upstream_limiter.hpp"

namespace gateway::levers_test {
namespace {

using namespace std::chrono_literals;
using kind = lever::kind;
using state = permit_request::state;
using outcome = exchange_outcome;

constexpr auto unbounded = std::numeric_limits<std::uint64_t>::max();
constexpr mono_time start{1h};

TEST(levers, one_lever_of_a_kind_for_an_account) {
  levers held;
  EXPECT_EQ(held.stopped_until(7), mono_time::min());
  EXPECT_EQ(held.limit_of(7), unbounded);
  EXPECT_TRUE(held.set({kind::limit, 7, 5, start, start + 10s}));
  EXPECT_TRUE(held.set({kind::limit, 7, 3, start, start + 20s}));
  EXPECT_TRUE(held.set({kind::limit, 8, 9, start, start + 20s}));
  EXPECT_EQ(held.all().size(), 2U);
  EXPECT_EQ(held.limit_of(7), 3U);
  EXPECT_EQ(held.limit_of(9), unbounded);
  EXPECT_FALSE(held.stops(7, start)) << "a limit lets some pass";
  EXPECT_TRUE(held.lift(kind::limit, 7));
  EXPECT_FALSE(held.lift(kind::limit, 7));
  EXPECT_FALSE(held.lift(kind::circuit, 8));
  EXPECT_EQ(held.limit_of(7), unbounded);
}

TEST(levers, a_pause_is_for_all_and_a_circuit_for_its_account_until_the_later_one_ends) {
  levers held;
  held.set({kind::circuit, 7, 0, start, start + 30s});
  held.set({kind::pause, 0, 0, start, start + 10s});
  EXPECT_EQ(held.stopped_until(7), start + 30s);
  EXPECT_EQ(held.stopped_until(8), start + 10s);
  EXPECT_TRUE(held.stops(8, start + 10s - 1ns));
  EXPECT_FALSE(held.stops(8, start + 10s));
  EXPECT_TRUE(held.take_ended(start + 10s - 1ns).empty());
  auto const ended = held.take_ended(start + 10s);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].what, kind::pause);
  EXPECT_EQ(held.all().size(), 1U);
}

TEST(levers, they_have_a_bound) {
  levers held;
  for (std::uint64_t account = 1; account <= levers::most; ++account) EXPECT_TRUE(held.set({kind::circuit, account, 0, start, start + 1s}));
  EXPECT_FALSE(held.set({kind::pause, 0, 0, start, start + 1s}));
  EXPECT_TRUE(held.set({kind::circuit, 3, 0, start, start + 2s})) << "it takes its own place";
  EXPECT_TRUE(held.lift(kind::circuit, 5));
  EXPECT_TRUE(held.set({kind::pause, 0, 0, start, start + 1s}));
}

// --- the limiter -------------------------------------------------------------------------------------------------------

struct levers_in_limiter : testing::Test {
  limiter_policy policy{.max_in_flight = 8, .max_queued = 50, .failures_to_break = 3};
  upstream_limiter limiter{policy, 1};
  mono_time now = start;
  wake_list woken;

  static std::shared_ptr<permit_request> asked(std::uint64_t account, mono_time at, resource what = resource::summary) {
    requester who;
    who.account = account;
    who.client = account;
    who.credential = account;
    who.what = what;
    return std::make_shared<permit_request>(who, at + 8s, 4s);
  }
  permit_request_ptr come(std::uint64_t account, resource what = resource::summary) {
    auto const one = asked(account, now, what);
    woken = limiter.enter(one, fair_queue::position::last, now);
    return one;
  }
  void finish(const permit_request_ptr& one, outcome is) {
    exchange_feedback feedback;
    feedback.is = is;
    woken = limiter.finish(one, feedback, now);
  }
  void set(kind what, std::uint64_t account, std::chrono::nanoseconds lasts, std::uint64_t limit = 0) {
    auto made = limiter.set_lever({what, account, limit, now, now + lasts}, now);
    ASSERT_TRUE(made);
    woken = *std::move(made);
  }
};

TEST_F(levers_in_limiter, a_pause_refuses_whoever_waits_or_comes_until_it_ends) {
  std::vector<permit_request_ptr> sent;
  for (int i = 0; i < 8; ++i) sent.push_back(come(1));
  auto const waits = come(2);
  ASSERT_EQ(waits->is, state::waiting);
  set(kind::pause, 0, 60s);
  EXPECT_EQ(waits->is, state::shed);
  EXPECT_EQ(waits->why, shed_reason::paused);
  EXPECT_EQ(waits->retry_in, 60s);
  EXPECT_EQ(woken, (wake_list{waits}));
  EXPECT_EQ(limiter.now().in_flight, 8U) << "what was sent goes on";
  for (auto const& one : sent) finish(one, outcome::accepted);
  now += 20s;
  for (auto const what : {resource::summary, resource::annotation}) {
    auto const late = come(1, what);
    EXPECT_EQ(late->is, state::shed);
    EXPECT_EQ(late->why, shed_reason::paused);
    EXPECT_EQ(late->retry_in, 40s);
  }
  EXPECT_FALSE(limiter.try_enter(asked(1, now), now)) << "a refresh";
  EXPECT_FALSE(limiter.may_repeat(now));
  EXPECT_EQ(limiter.now().in_flight, 0U);
  EXPECT_EQ(limiter.now().sheds[static_cast<std::size_t>(shed_reason::paused)], 3U);
  now += 40s;
  EXPECT_EQ(come(1)->is, state::granted) << "without any other call";
  EXPECT_TRUE(limiter.may_repeat(now));
}

TEST_F(levers_in_limiter, a_lifted_pause_is_over_at_once) {
  set(kind::pause, 0, 24h);
  EXPECT_EQ(come(1)->is, state::shed);
  EXPECT_TRUE(limiter.lift_lever(kind::pause, 0, now));
  EXPECT_FALSE(limiter.lift_lever(kind::pause, 0, now));
  EXPECT_EQ(come(1)->is, state::granted);
}

TEST_F(levers_in_limiter, a_circuit_opened_by_hand_is_the_account_s_alone_and_no_probe_passes) {
  set(kind::circuit, 1, 60s);
  EXPECT_EQ(come(1)->why, shed_reason::paused);
  EXPECT_EQ(come(2)->is, state::granted);
  now += 59s;
  EXPECT_EQ(come(1)->is, state::shed);
  EXPECT_FALSE(limiter.try_enter(asked(1, now), now));
}

// The request of a stranger waits; one with a proved credential of the stopped account wants the same.
TEST_F(levers_in_limiter, who_joins_from_a_stopped_account_is_not_sent_either) {
  std::vector<permit_request_ptr> sent;
  for (int i = 0; i < 8; ++i) sent.push_back(come(2));
  auto const stranger = asked(3, now);
  stranger->who.proved = false;
  woken = limiter.enter(stranger, fair_queue::position::last, now);
  ASSERT_EQ(stranger->is, state::waiting);
  set(kind::circuit, 1, 60s);
  ASSERT_EQ(stranger->is, state::waiting);
  for (auto const& one : sent) finish(one, outcome::unknown);
  ASSERT_EQ(stranger->is, state::granted) << "it is none of that account's";
  finish(stranger, outcome::unknown);
  sent.clear();
  for (int i = 0; i < 8; ++i) sent.push_back(come(2));
  auto const another = asked(3, now);
  another->who.proved = false;
  woken = limiter.enter(another, fair_queue::position::last, now);
  ASSERT_EQ(another->is, state::waiting);
  woken = limiter.join(another, asked(1, now)->who, now + 8s, now);
  EXPECT_EQ(another->is, state::shed);
  EXPECT_EQ(another->why, shed_reason::paused);
}

TEST_F(levers_in_limiter, closing_by_hand_forgets_failures_and_cool_downs) {
  for (unsigned i = 0; i < policy.failures_to_break; ++i) finish(come(1), outcome::failed);
  EXPECT_EQ(come(1)->why, shed_reason::failing);
  woken = limiter.reset_circuits(1, now);
  auto const one = come(1);
  ASSERT_EQ(one->is, state::granted);
  EXPECT_FALSE(one->probes_breaker);
  finish(one, outcome::failed);
  auto const next = come(1);
  EXPECT_EQ(next->is, state::granted) << "one failure opens nothing";
  finish(next, outcome::throttled);
  auto const waits = come(1);
  ASSERT_EQ(waits->is, state::waiting) << "it cools down";
  woken = limiter.reset_circuits(1, now);
  EXPECT_EQ(waits->is, state::granted);
  EXPECT_EQ(woken, (wake_list{waits}));
  EXPECT_EQ(limiter.now().cooling_down, 0U);
}

TEST_F(levers_in_limiter, a_limit_by_hand_holds_at_once_for_later_accounts_too_and_ends) {
  set(kind::limit, 1, 60s, 2);
  std::vector<permit_request_ptr> mine;
  for (int i = 0; i < 4; ++i) mine.push_back(come(1));
  EXPECT_EQ(mine[1]->is, state::granted);
  EXPECT_EQ(mine[2]->is, state::waiting);
  EXPECT_EQ(come(2)->is, state::granted);
  EXPECT_EQ(limiter.of(1).limit, 2U);
  EXPECT_EQ(limiter.changes_since(now, now).lowered.size(), 0U) << "nothing was learnt";
  finish(mine[0], outcome::accepted), finish(mine[1], outcome::accepted);
  EXPECT_EQ(mine[3]->is, state::granted);
  now += 5s;
  auto const waits = come(1);
  EXPECT_EQ(waits->is, state::waiting) << "however many succeed";
  now += 55s;
  auto made = limiter.end_levers(now);
  ASSERT_EQ(made.ended.size(), 1U);
  EXPECT_EQ(made.woken, (wake_list{waits}));
  EXPECT_EQ(limiter.of(1).limit, 8U) << "as learnt before";
}

TEST_F(levers_in_limiter, a_limit_by_hand_may_be_refused_and_may_lift_what_was_learnt) {
  set(kind::limit, 1, 1h, 4);
  finish(come(1), outcome::throttled);
  EXPECT_EQ(limiter.of(1).limit, 2U) << "half of the held one";
  set(kind::limit, 1, 1h, 6);
  EXPECT_EQ(limiter.of(1).limit, 6U) << "the operator knows better";
  EXPECT_TRUE(limiter.lift_lever(kind::limit, 1, now));
  EXPECT_EQ(limiter.of(1).limit, 6U) << "it goes on from there";
}

// A small model: what may never pass, and that all passes once nothing is held.
TEST_F(levers_in_limiter, property_nothing_passes_a_lever_and_nothing_is_stuck_after_it) {
  std::mt19937 dice{21};
  std::size_t refused = 0, granted = 0, held = 0;
  for (int run = 0; run < 60; ++run) {
    std::destroy_at(&limiter);
    std::construct_at(&limiter, policy, static_cast<std::uint64_t>(run));
    now = start;
    std::map<std::pair<kind, std::uint64_t>, lever> model;
    std::vector<permit_request_ptr> all;
    auto const stopped_until = [&](std::uint64_t account) {
      auto until = mono_time::min();
      for (auto const& [key, one] : model) {
        if (key.first == kind::pause || (key.first == kind::circuit && key.second == account)) until = std::max(until, one.until);
      }
      return until;
    };
    for (int step = 0; step < 400; ++step) {
      now += std::chrono::milliseconds{dice() % 300};
      std::map<const permit_request*, state> before;
      for (auto const& one : all) before[one.get()] = one->is;
      std::map<std::uint64_t, std::uint64_t> in_flight_before;
      for (auto const& one : all) in_flight_before[one->who.account] += one->is == state::granted ? 1 : 0;
      std::uint64_t const account = 1 + dice() % 3;
      auto const what = static_cast<kind>(dice() % lever::kinds);
      auto const whose = what == kind::pause ? 0 : account;
      switch (dice() % 12) {
        case 0: {
          lever const one{what, whose, 1 + dice() % 8, now, now + std::chrono::milliseconds{1000 + dice() % 4000}};
          ASSERT_TRUE(limiter.set_lever(one, now));
          model[{what, whose}] = one;
          break;
        }
        case 1:
          ASSERT_EQ(limiter.lift_lever(what, whose, now).has_value(), model.erase({what, whose}) > 0);
          break;
        case 2: {
          auto const made = limiter.end_levers(now);
          std::size_t const ended = std::erase_if(model, [&](auto const& one) { return one.second.until <= now; });
          ASSERT_EQ(made.ended.size(), ended);
          break;
        }
        case 3:
          (void)limiter.reset_circuits(account, now);
          break;
        case 4: {
          auto const one = asked(account, now);
          bool const sent = limiter.try_enter(one, now);
          ASSERT_FALSE(sent && now < stopped_until(account)) << run << " " << step;
          if (sent) all.push_back(one);
          break;
        }
        case 5:
        case 6:
        case 7: {
          auto const one = all.emplace_back(come(account, dice() % 4 == 0 ? resource::annotation : resource::summary));
          if (auto const until = stopped_until(account); now < until) {
            ++refused;
            ASSERT_EQ(one->is, state::shed) << run << " " << step;
            ASSERT_EQ(one->why, shed_reason::paused);
            ASSERT_EQ(one->retry_in, until - now);
          }
          break;
        }
        default: {
          if (all.empty()) break;
          auto const one = all[dice() % all.size()];
          static constexpr std::array ends{outcome::accepted, outcome::accepted, outcome::accepted,    outcome::accepted,
                                           outcome::failed,   outcome::failed,   outcome::unreachable, outcome::throttled};
          if (one->is == state::waiting) (void)limiter.recheck(one, now);
          if (one->is == state::granted && before[one.get()] == state::granted) {
            finish(one, ends[dice() % ends.size()]);
            std::erase(all, one);
          }
        }
      }
      std::map<std::uint64_t, std::uint64_t> in_flight;
      for (auto const& one : all) {
        in_flight[one->who.account] += one->is == state::granted ? 1 : 0;
        bool const is_new = one->is == state::granted && before[one.get()] != state::granted;
        granted += is_new ? 1 : 0;
        ASSERT_FALSE(is_new && now < stopped_until(one->who.account)) << run << " " << step << ": sent in spite of a lever";
        ASSERT_FALSE(one->is == state::waiting && now < stopped_until(one->who.account)) << run << " " << step << ": waits for nothing";
      }
      for (auto const& [whose_limit, one] : model) {
        if (whose_limit.first != kind::limit) continue;
        ++held;
        auto const most = std::max(one.limit, in_flight_before[whose_limit.second]);
        ASSERT_LE(in_flight[whose_limit.second], most) << run << " " << step << ": beyond the limit";
        ASSERT_LE(limiter.of(whose_limit.second).limit, one.limit);
      }
      std::erase_if(all, [](const permit_request_ptr& one) { return one->is == state::shed; });
    }
    now += 10s;
    (void)limiter.end_levers(now);
    EXPECT_TRUE(limiter.levers_set().empty());
    for (int again = 0; again < 20; ++again) {
      now += 10s;
      auto const left = all;
      for (auto const& one : left) {
        if (one->is == state::granted) finish(one, outcome::accepted);
        if (one->is == state::waiting) (void)limiter.recheck(one, now);
      }
      std::erase_if(all, [](const permit_request_ptr& one) { return one->is != state::waiting; });
    }
    ASSERT_EQ(limiter.now().waiting, 0U);
    for (std::uint64_t account = 1; account <= 3; ++account) {
      auto const one = come(account);
      ASSERT_EQ(one->is, state::granted) << run << ": stuck";
      finish(one, outcome::accepted);
    }
  }
  EXPECT_GT(refused, 500U);
  EXPECT_GT(granted, 2000U);
  EXPECT_GT(held, 1000U);
}

}  // namespace
}  // namespace gateway::levers_test
