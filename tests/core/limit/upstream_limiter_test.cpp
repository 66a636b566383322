// Which requests are granted, wait, or are shed.
#include "core/limit/upstream_limiter.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gateway::test::upstream_limiter_test {
namespace {

using namespace std::chrono_literals;
using outcome = exchange_outcome;
using position = fair_queue::position;
using state = permit_request::state;

constexpr std::uint64_t account = 11, other_account = 12;

struct upstream_limiter_test : testing::Test {
  limiter_policy policy{.max_in_flight = 2, .max_queued = 4, .failures_to_break = 5};
  std::optional<upstream_limiter> made;
  mono_time now{1h};
  wake_list woken;  // by the last operation

  upstream_limiter& limiter() { return made ? *made : made.emplace(policy, 1); }

  static requester of(std::uint64_t client = 1, std::uint64_t whose = account) {
    requester made;
    made.client = client;
    made.account = whose;
    return made;
  }
  permit_request_ptr come(std::uint64_t client = 1, std::uint64_t whose = account, std::chrono::nanoseconds time_left = 4s,
                          position where = position::last) {
    auto const one = std::make_shared<permit_request>(of(client, whose), now + 2 * time_left, 2 * time_left);
    woken = limiter().enter(one, where, now);
    return one;
  }
  permit_request_ptr come_for(resource what, std::uint64_t client = 1) {
    auto who = of(client);
    who.what = what;
    auto const one = std::make_shared<permit_request>(who, now + 8s, 8s);
    woken = limiter().enter(one, position::last, now);
    return one;
  }
  void finish(const permit_request_ptr& one, outcome is, std::chrono::nanoseconds retry_after = 0s) {
    exchange_feedback feedback;
    feedback.is = is;
    feedback.retry_after = retry_after;
    woken = limiter().finish(one, feedback, now);
  }
  // Reports that many failures, one after the other.
  void fail(unsigned times) {
    for (unsigned i = 0; i < times; ++i) {
      auto const one = come();
      ASSERT_EQ(one->is, state::granted);
      finish(one, outcome::failed);
    }
  }
};

TEST_F(upstream_limiter_test, as_many_as_the_limit_go_at_once_and_the_others_wait) {
  auto const a = come(), b = come(), c = come();
  EXPECT_EQ(a->is, state::granted);
  EXPECT_EQ(b->is, state::granted);
  EXPECT_EQ(c->is, state::waiting);
  EXPECT_EQ(limiter().now().in_flight, 2U);
  EXPECT_EQ(limiter().now().waiting, 1U);
  finish(a, outcome::accepted);
  EXPECT_EQ(c->is, state::granted);
  EXPECT_EQ(woken, (wake_list{c}));
}

// The calling task sees the result in its own request. A wake-up would remain for its next attempt.
TEST_F(upstream_limiter_test, no_operation_wakes_the_task_that_calls_it) {
  auto const a = come(), b = come(), waiting = come();
  EXPECT_EQ(a->is, state::granted);
  EXPECT_TRUE(woken.empty());
  now = waiting->latest;
  woken = limiter().recheck(waiting, now);
  EXPECT_EQ(waiting->is, state::shed);
  EXPECT_TRUE(woken.empty());
  auto const last = come();
  woken = limiter().close(now);
  EXPECT_EQ(woken, (wake_list{last}));
  EXPECT_EQ(come()->is, state::shed);
  EXPECT_TRUE(woken.empty());
}

// A task whose request is decided by another task's operation must be on the list, or it would never wake.
TEST_F(upstream_limiter_test, property_each_request_that_is_granted_or_shed_is_woken) {
  std::mt19937 dice{11};
  std::size_t decided = 0;
  for (int run = 0; run < 30; ++run) {
    made.reset();
    std::vector<permit_request_ptr> all;
    for (int step = 0; step < 300; ++step) {
      now += std::chrono::milliseconds{dice() % 200};
      std::vector<state> before;
      for (auto const& each : all) before.push_back(each->is);
      auto own = all.empty() || dice() % 3 == 0 ? nullptr : all[dice() % all.size()];
      bool over = own && own->is == state::shed;
      if (!own) {
        all.push_back(own = come(1 + dice() % 3, dice() % 2 == 0 ? account : other_account));
      } else if (own->is == state::granted) {
        static constexpr std::array ends{outcome::accepted, outcome::accepted, outcome::throttled, outcome::failed, outcome::unreachable};
        finish(own, ends[dice() % ends.size()]);
        over = true;
      } else if (own->is == state::waiting && dice() % 4 == 0) {
        woken = limiter().abandon(own, now);
      } else if (own->is == state::waiting) {
        woken = limiter().recheck(own, now);
      }
      for (std::size_t i = 0; i < before.size(); ++i) {
        if (all[i]->is == before[i] || all[i] == own) continue;
        ++decided;
        ASSERT_TRUE(std::ranges::find(woken, all[i]) != woken.end()) << run << " " << step;
      }
      if (over) std::erase(all, own);
    }
  }
  EXPECT_GT(decided, 1000U) << "or the test shows nothing";
}

TEST_F(upstream_limiter_test, operators_see_what_changed_since_their_last_look) {
  using sort = circuit_name::sort;
  auto const failed = [&](exchange_outcome is, fault cause) {
    auto const one = come();
    ASSERT_EQ(one->is, state::granted);
    exchange_feedback feedback;
    feedback.is = is;
    feedback.cause = cause;
    woken = limiter().finish(one, feedback, now);
  };
  auto last = now;
  EXPECT_TRUE(limiter().changes_since(last, now).circuits.empty());
  now += 1s;
  for (unsigned i = 0; i < policy.failures_to_break; ++i) failed(outcome::failed, i == 0 ? fault::upstream_error : fault::upstream_timeout);
  auto const seen = limiter().changes_since(last, now);
  ASSERT_EQ(seen.circuits.size(), 1U);
  EXPECT_TRUE(seen.is_complete);
  EXPECT_EQ(seen.circuits.front().whose, (circuit_name{sort::breaker, account, resource::summary}));
  EXPECT_EQ(seen.circuits.front().cause, fault::upstream_timeout) << "the last one";
  EXPECT_FALSE(seen.circuits.front().closed);
  now += 5s;
  finish(come(), outcome::accepted);
  ASSERT_EQ(limiter().changes_since(last, now).circuits.size(), 1U);
  EXPECT_TRUE(limiter().changes_since(last, now).circuits.front().closed);
  EXPECT_TRUE(limiter().changes_since(now, now).circuits.empty()) << "it was opened before";
  for (unsigned i = 0; i < policy.failures_to_break; ++i) failed(outcome::unreachable, fault::upstream_unreachable);
  ASSERT_EQ(limiter().changes_since(now, now).circuits.size(), 1U);
  EXPECT_EQ(limiter().changes_since(now, now).circuits.front().whose.is, sort::host);
}

TEST_F(upstream_limiter_test, operators_see_how_one_account_stands) {
  auto const unknown = limiter().figures_of(account, now);
  EXPECT_EQ(unknown.limit, policy.max_in_flight) << "as its first request would find it";
  EXPECT_FALSE(unknown.is_cooling_down() || unknown.is_broken());
  auto const a = come(), b = come(), c = come();
  auto const busy = limiter().figures_of(account, now);
  EXPECT_EQ(busy.in_flight, 2U);
  EXPECT_EQ(busy.waiting, 1U);
  finish(a, outcome::throttled, 3s);
  auto const paused = limiter().figures_of(account, now);
  EXPECT_TRUE(paused.is_cooling_down());
  EXPECT_FALSE(paused.is_broken());
  EXPECT_EQ(paused.probe_in(), 3s);
  EXPECT_EQ(paused.limit, 1U);
  EXPECT_FALSE(limiter().figures_of(other_account, now).is_cooling_down());
  EXPECT_EQ(limiter().figures_of(account, now + 4s).probe_in(), 0s) << "one may pass, and has not";
  for (unsigned i = 0; i < policy.failures_to_break; ++i) finish(come(1, other_account), outcome::unreachable);
  EXPECT_TRUE(limiter().figures_of(other_account, now).is_broken());
  EXPECT_TRUE(limiter().figures_of(99, now).is_broken()) << "nobody reaches the upstream";
  EXPECT_GT(limiter().figures_of(99, now).probe_in(), 0s);
}

// Accounts that strangers invent are not accounts here: an operator does not read of them.
TEST_F(upstream_limiter_test, operators_see_lowered_limits_and_nothing_of_strangers) {
  auto const one = come();
  finish(one, outcome::throttled);
  auto const seen = limiter().changes_since(now, now);
  EXPECT_EQ(seen.most, 2U);
  ASSERT_EQ(seen.lowered.size(), 1U);
  EXPECT_EQ(seen.lowered.front().account, account);
  EXPECT_EQ(seen.lowered.front().limit, 1U);
  now += 1h;
  for (std::uint64_t stranger = 0; stranger < 1000; ++stranger) {
    requester who = of(stranger, 1000 + stranger);
    who.proved = false;
    who.credential = who.address = who.network = stranger;
    for (int i = 0; i < 10; ++i) {
      auto const asked = std::make_shared<permit_request>(who, now + 8s, 8s);
      woken = limiter().enter(asked, position::last, now);
      if (asked->is == state::granted) finish(asked, i % 2 == 0 ? outcome::failed : outcome::throttled);
    }
  }
  EXPECT_EQ(limiter().changes_since(now - 1s, now).circuits.size(), 1U) << "the cool-down of the account";
  EXPECT_EQ(limiter().changes_since(now - 1s, now).lowered.size(), 1U);
}

TEST_F(upstream_limiter_test, wider_bounds_let_those_go_who_wait_and_narrower_ones_hold_for_the_next) {
  auto const a = come(), b = come(), c = come(), d = come(1, other_account);
  policy.max_in_flight = 4;
  woken = limiter().set_policy(policy, now);
  EXPECT_EQ(c->is, state::granted) << "its account had been allowed everything, and is again";
  EXPECT_EQ(d->is, state::granted);
  EXPECT_EQ(woken, (wake_list{c, d})) << "their tasks go on";
  policy.max_in_flight = 1;
  policy.max_queued = 0;
  woken = limiter().set_policy(policy, now);
  for (auto const& one : {a, b, c}) finish(one, outcome::accepted);
  EXPECT_EQ(come()->is, state::shed) << "one is still under way, and nobody may wait";
  finish(d, outcome::accepted);
  EXPECT_EQ(come()->is, state::granted);
}

TEST_F(upstream_limiter_test, other_failures_count_from_the_next_on) {
  fail(1);
  policy.failures_to_break = 2;
  woken = limiter().set_policy(policy, now);
  fail(1);
  EXPECT_EQ(limiter().now().broken, 1U);
}

TEST_F(upstream_limiter_test, an_outcome_nobody_knows_frees_the_place_too) {
  auto const a = come(), b = come(), c = come();
  finish(b, outcome::unknown);
  EXPECT_EQ(c->is, state::granted);
}

TEST_F(upstream_limiter_test, who_has_waited_long_enough_is_not_granted_any_more) {
  auto const a = come(), b = come(), c = come();
  now += 3s;
  woken = limiter().recheck(c, now);
  EXPECT_EQ(c->is, state::waiting);
  auto const d = come();
  now += 1s;
  woken = limiter().recheck(c, now);
  EXPECT_EQ(c->is, state::shed);
  EXPECT_EQ(c->why, shed_reason::busy);
  finish(a, outcome::accepted);
  EXPECT_EQ(d->is, state::granted);
  now += 10s;
  woken = limiter().recheck(d, now);
  EXPECT_EQ(d->is, state::granted) << "granted just before: the permit is valid, and must be ended";
}

TEST_F(upstream_limiter_test, clients_are_served_in_rotation) {
  auto const a = come(1), b = come(1), greedy = come(1), greedy_too = come(1), modest = come(2);
  finish(a, outcome::accepted);
  EXPECT_EQ(greedy->is, state::granted);
  finish(b, outcome::accepted);
  EXPECT_EQ(modest->is, state::granted);
  EXPECT_EQ(greedy_too->is, state::waiting);
}

TEST_F(upstream_limiter_test, accounts_are_served_in_rotation_for_what_is_common_to_them) {
  auto const a = come(), b = come(), first = come(), second = come(), theirs = come(1, other_account);
  finish(a, outcome::accepted);
  EXPECT_EQ(first->is, state::granted);
  finish(b, outcome::accepted);
  EXPECT_EQ(theirs->is, state::granted);
  EXPECT_EQ(second->is, state::waiting);
}

TEST_F(upstream_limiter_test, a_full_queue_sheds_the_last_of_who_has_the_most_waiting) {
  auto const a = come(), b = come();
  std::vector<permit_request_ptr> greedy;
  for (int i = 0; i < 4; ++i) greedy.push_back(come(1));
  EXPECT_EQ(come(1)->why, shed_reason::queue_full) << "the newest of its own";
  auto const modest = come(2);
  EXPECT_EQ(modest->is, state::waiting);
  EXPECT_EQ(greedy[3]->is, state::shed);
  EXPECT_EQ(greedy[3]->why, shed_reason::queue_full);
  auto const theirs = come(3, other_account);
  EXPECT_EQ(theirs->is, state::waiting);
  EXPECT_EQ(greedy[2]->is, state::shed);
  EXPECT_EQ(limiter().now().waiting, 4U);
}

TEST_F(upstream_limiter_test, among_equals_a_full_queue_sheds_whoever_came_last) {
  auto const a = come(), b = come();
  std::vector<permit_request_ptr> modest;
  for (std::uint64_t client = 1; client <= 4; ++client) modest.push_back(come(client));
  auto const late = come(5);
  EXPECT_EQ(late->is, state::shed);
  for (auto const& one : modest) EXPECT_EQ(one->is, state::waiting);
}

TEST_F(upstream_limiter_test, what_can_be_left_undone_goes_only_if_nobody_waits) {
  auto const idle = std::make_shared<permit_request>(of(9), now, 0s);
  auto const a = come(), b = come();
  EXPECT_FALSE(limiter().try_enter(idle, now));
  auto const c = come();
  finish(a, outcome::accepted);
  finish(b, outcome::accepted);
  EXPECT_EQ(c->is, state::granted);
  EXPECT_TRUE(limiter().try_enter(idle, now));
  EXPECT_EQ(idle->is, state::granted);
}

TEST_F(upstream_limiter_test, a_refusal_cools_its_account_down_and_nobody_elses) {
  auto const a = come(), b = come();
  finish(a, outcome::throttled, 1s);
  auto const c = come();
  EXPECT_EQ(c->is, state::waiting) << "it can wait for so long";
  EXPECT_EQ(come(1, other_account)->is, state::granted);
  EXPECT_EQ(limiter().recheck_at(*c, now), now + 1s);
  finish(b, outcome::accepted);
  EXPECT_EQ(c->is, state::waiting) << "what was sent before says nothing";
}

TEST_F(upstream_limiter_test, after_a_cool_down_exactly_one_goes_and_its_success_lets_the_others_follow) {
  policy.max_in_flight = 8;
  finish(come(), outcome::throttled, 1s);
  auto const a = come(), b = come(), c = come();
  now += 1s;
  woken = limiter().recheck(b, now);
  EXPECT_EQ(a->is, state::granted);
  EXPECT_EQ(b->is, state::waiting);
  EXPECT_EQ(limiter().recheck_at(*b, now), b->latest) << "the probe's end will say";
  finish(a, outcome::accepted);
  EXPECT_EQ(b->is, state::granted);
  EXPECT_EQ(c->is, state::granted);
}

TEST_F(upstream_limiter_test, a_probe_without_an_outcome_leaves_its_place_to_the_next) {
  finish(come(), outcome::throttled, 1s);
  auto const a = come(), b = come();
  now += 1s;
  woken = limiter().recheck(b, now);
  ASSERT_EQ(a->is, state::granted);
  finish(a, outcome::unknown);
  EXPECT_EQ(b->is, state::granted);
}

TEST_F(upstream_limiter_test, a_refused_probe_doubles_the_cool_down) {
  finish(come(), outcome::throttled);
  auto const first = limiter().recheck_at(*come(), now) - now;
  EXPECT_GE(first, 100ms);
  EXPECT_LT(first, 125ms);
  auto const waiting = come();
  now += first;
  woken = limiter().recheck(waiting, now);
  ASSERT_EQ(woken.size(), 1U);
  auto const probe = woken.front();
  finish(probe, outcome::throttled);
  auto const second = limiter().recheck_at(*waiting, now) - now;
  EXPECT_GE(second, 200ms);
  EXPECT_LT(second, 250ms);
}

TEST_F(upstream_limiter_test, a_request_that_waits_for_a_cool_down_hears_when_it_takes_longer) {
  finish(come(), outcome::throttled, 1s);
  auto const a = come(), b = come();
  now += 1s;
  woken = limiter().recheck(b, now);
  ASSERT_EQ(a->is, state::granted);
  EXPECT_EQ(woken, (wake_list{a}));
  finish(a, outcome::throttled, 2s);
  EXPECT_EQ(woken, (wake_list{b})) << "or it would sleep until its time is up";
  EXPECT_EQ(limiter().recheck_at(*b, now), now + 2s);
}

TEST_F(upstream_limiter_test, a_request_that_cannot_wait_for_the_end_of_a_cool_down_is_shed_at_once) {
  auto const a = come(), b = come(), waiting = come();
  finish(a, outcome::throttled, 30s);
  EXPECT_EQ(waiting->is, state::shed);
  EXPECT_EQ(waiting->why, shed_reason::cooling_down);
  EXPECT_EQ(waiting->retry_in, 30s);
  now += 10s;
  auto const late = come();
  EXPECT_EQ(late->why, shed_reason::cooling_down);
  EXPECT_EQ(late->retry_in, 20s);
}

// A 503 with Retry-After.
TEST_F(upstream_limiter_test, a_failure_that_names_a_pause_pauses_its_client_and_kind) {
  policy.max_in_flight = 8;
  finish(come(), outcome::failed, 1s);
  auto const a = come(), b = come();
  EXPECT_EQ(a->is, state::waiting) << "it can wait for so long";
  EXPECT_EQ(limiter().recheck_at(*a, now), now + 1s);
  EXPECT_EQ(limiter().now().cooling_down, 1U);
  EXPECT_EQ(come_for(resource::events)->is, state::granted) << "another kind of resource";
  EXPECT_EQ(come(1, other_account)->is, state::granted);
  EXPECT_EQ(come(2)->is, state::granted) << "a client cannot stop the others with requests that fail";
  now += 1s;
  woken = limiter().recheck(b, now);
  ASSERT_EQ(a->is, state::granted) << "the probe";
  EXPECT_EQ(b->is, state::waiting);
  finish(a, outcome::accepted);
  EXPECT_EQ(b->is, state::granted);
  EXPECT_EQ(limiter().now().cooling_down, 0U);
}

TEST_F(upstream_limiter_test, a_pause_that_two_clients_meet_is_everybodys) {
  policy.max_in_flight = 8;
  auto const a = come(1), b = come(2), waiting = come(3);
  finish(a, outcome::failed, 30s);
  finish(b, outcome::failed, 30s);
  auto const late = come(3);
  EXPECT_EQ(late->why, shed_reason::cooling_down);
  EXPECT_EQ(late->retry_in, 30s);
  finish(waiting, outcome::failed);
  EXPECT_EQ(limiter().now().broken, 0U) << "three failures are no five";
}

TEST_F(upstream_limiter_test, a_refresh_is_left_undone_in_a_pause) {
  policy.max_in_flight = 8;
  finish(come(), outcome::failed, 1s);
  auto const refresh = std::make_shared<permit_request>(of(1), now + 8s, 8s);
  EXPECT_FALSE(limiter().try_enter(refresh, now));
  now += 1s;
  EXPECT_TRUE(limiter().try_enter(refresh, now)) << "as the probe";
}

TEST_F(upstream_limiter_test, failures_in_a_row_break_the_account_off_and_others_go_on) {
  fail(4);
  finish(come(), outcome::accepted);
  fail(4);
  EXPECT_EQ(limiter().now().broken, 0U) << "not in a row";
  fail(1);
  EXPECT_EQ(limiter().now().broken, 1U);
  auto const late = come();
  EXPECT_EQ(late->is, state::shed);
  EXPECT_EQ(late->why, shed_reason::failing);
  EXPECT_GE(late->retry_in, 1s);
  EXPECT_EQ(come(1, other_account)->is, state::granted);
}

TEST_F(upstream_limiter_test, a_breaker_lets_one_probe_through_and_its_success_heals) {
  fail(5);
  now += 1250ms;
  auto const probe = come(), late = come();
  EXPECT_EQ(probe->is, state::granted);
  EXPECT_EQ(late->why, shed_reason::failing) << "one at a time";
  finish(probe, outcome::accepted);
  EXPECT_EQ(come()->is, state::granted);
  EXPECT_EQ(come()->is, state::granted);
  EXPECT_EQ(limiter().now().broken, 0U);
}

TEST_F(upstream_limiter_test, during_an_outage_attempts_become_rare) {
  int attempts = 0;
  for (auto const end = now + 10min; now < end; now += 10ms) {
    auto const one = come();
    if (one->is != state::granted) continue;
    ++attempts;
    finish(one, outcome::failed);
  }
  EXPECT_LE(attempts, 5 + 2 + 120) << "five, then after 1, 2, 4 and then every 5 seconds";
  EXPECT_GE(attempts, 5 + 2 + 100);
}

TEST_F(upstream_limiter_test, an_outage_is_one_opening_however_many_probes_fail) {
  struct row {
    outcome is;
    std::chrono::nanoseconds retry_after;
    unsigned to_open;
    std::uint64_t upstream_limiter::load::*counted;
  };
  static constexpr auto breaks = &upstream_limiter::load::breaks, pauses = &upstream_limiter::load::cool_downs;
  for (auto const& [is, retry_after, to_open, counted] : {row{outcome::failed, 0s, 5, breaks}, row{outcome::unreachable, 0s, 5, breaks},
                                                          row{outcome::throttled, 0s, 1, pauses}, row{outcome::failed, 2s, 1, pauses}}) {
    made.reset();
    for (std::uint64_t outage = 1; outage <= 2; ++outage) {
      for (unsigned i = 0; i < to_open; ++i) finish(come(), is, retry_after);
      EXPECT_EQ(limiter().now().*counted, outage);
      for (int probe = 0; probe < 3; ++probe) {
        now += 1min;
        auto const one = come();
        ASSERT_EQ(one->is, state::granted);
        finish(one, is, retry_after);
        EXPECT_EQ(limiter().now().*counted, outage) << "a probe that fails";
      }
      now += 1min;
      finish(come(), outcome::accepted);
    }
  }
}

TEST_F(upstream_limiter_test, a_429_neither_opens_nor_closes_the_breaker) {
  fail(4);
  for (int i = 0; i < 20; ++i) {
    now += 1h;
    finish(come(), outcome::throttled);
  }
  EXPECT_EQ(limiter().now().broken, 0U);
  now += 1h;
  fail(1);
  EXPECT_EQ(limiter().now().broken, 1U) << "still in a row";
  now += 1h;
  finish(come(), outcome::throttled);
  EXPECT_EQ(limiter().now().broken, 1U);
  now += 1h;
  finish(come(), outcome::accepted);
  EXPECT_EQ(limiter().now().broken, 0U);
}

TEST_F(upstream_limiter_test, when_the_circuit_opens_all_that_wait_are_shed) {
  policy.failures_to_break = 1;
  auto const a = come(), b = come(), c = come(), theirs = come(1, other_account);
  finish(a, outcome::failed);
  EXPECT_EQ(c->is, state::shed);
  EXPECT_EQ(c->why, shed_reason::failing);
  EXPECT_EQ(theirs->is, state::granted);
}

TEST_F(upstream_limiter_test, repetitions_are_a_tenth_of_what_is_asked_after_a_start) {
  policy.max_in_flight = 3;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter().may_repeat(now));
  EXPECT_FALSE(limiter().may_repeat(now));
  for (int i = 0; i < 10; ++i) finish(come(), outcome::accepted);
  EXPECT_TRUE(limiter().may_repeat(now));
  EXPECT_FALSE(limiter().may_repeat(now));
}

TEST_F(upstream_limiter_test, what_has_waited_before_goes_first) {
  auto const a = come(), b = come(), c = come(), again = come(1, account, 4s, position::first);
  finish(a, outcome::accepted);
  EXPECT_EQ(again->is, state::granted);
  EXPECT_EQ(c->is, state::waiting);
}

TEST_F(upstream_limiter_test, a_request_may_wait_as_long_as_leaves_time_for_its_exchange) {
  auto const time_left = [&] { return come(1, account, 4s)->latest - now; };
  auto const a = come(), b = come();
  EXPECT_EQ(time_left(), 4s) << "half of eight seconds, while nobody knows how long an exchange takes";
  finish(a, outcome::unknown);
  finish(b, outcome::unknown);
  for (int i = 0; i < 50; ++i) {
    auto const one = come();
    now += 100ms;
    finish(one, outcome::accepted);
  }
  EXPECT_GT(time_left(), 7800ms);
}

TEST_F(upstream_limiter_test, who_waits_profits_from_what_is_learnt_meanwhile) {
  auto a = come(), b = come(), waiting = come(), late = come();
  now += 100ms;
  finish(a, outcome::accepted);
  ASSERT_EQ(waiting->is, state::granted);
  now += 3900ms;
  woken = limiter().recheck(late, now);
  EXPECT_EQ(late->is, state::waiting) << "its four seconds are over, but an exchange takes a tenth of one";
  now += 3700ms;
  woken = limiter().recheck(late, now);
  EXPECT_EQ(late->is, state::shed);
}

TEST_F(upstream_limiter_test, nothing_is_repeated_that_could_not_wait_for_its_permit) {
  permit_request again{of(), now + 8s, 8s};
  EXPECT_TRUE(limiter().may_repeat(again, now));
  EXPECT_FALSE(limiter().may_repeat(again, now + 5s)) << "too late";
  finish(come(), outcome::throttled, 30s);
  EXPECT_FALSE(limiter().may_repeat(again, now)) << "cooling down for longer";
  permit_request elsewhere{of(1, other_account), now + 8s, 8s};
  EXPECT_TRUE(limiter().may_repeat(elsewhere, now));
}

TEST_F(upstream_limiter_test, a_shed_request_is_told_how_long_those_who_wait_will_take) {
  policy.max_queued = 40;
  for (int i = 0; i < 50; ++i) {
    auto const one = come();
    now += 1s;
    finish(one, outcome::accepted);
  }
  auto const a = come(), b = come();
  std::vector<permit_request_ptr> waiting;
  for (int i = 0; i < 40; ++i) waiting.push_back(come());
  auto const one_more = come();
  EXPECT_EQ(one_more->why, shed_reason::queue_full);
  EXPECT_EQ(one_more->retry_in, 21s) << "forty of them, two at a time, a second each";
}

TEST_F(upstream_limiter_test, a_request_that_would_come_too_late_is_shed_at_once_until_those_before_it_are_through) {
  policy.max_queued = 1000;
  std::vector<permit_request_ptr> under_way{come(), come()};
  std::vector<permit_request_ptr> waiting;
  auto const a_turn_comes = [&] {
    now += 100ms;
    finish(under_way.front(), outcome::accepted);
    under_way.erase(under_way.begin());
    under_way.push_back(waiting.front());
    waiting.erase(waiting.begin());
    ASSERT_EQ(under_way.back()->is, state::granted);
  };
  for (int i = 0; i < 100; ++i) waiting.push_back(come(1, account, 1h));
  EXPECT_EQ(waiting.back()->is, state::waiting) << "the rate of permits is not known yet";
  for (int i = 0; i < 20; ++i) a_turn_comes();
  auto const hopeless = come(1, account, 4s);
  EXPECT_EQ(hopeless->is, state::shed);
  EXPECT_EQ(hopeless->why, shed_reason::busy);
  EXPECT_EQ(hopeless->retry_in, 8100ms) << "eighty and itself, one every tenth of a second";
  EXPECT_EQ(come(1, account, 1h)->is, state::waiting);
  EXPECT_EQ(come(2, account, 4s)->is, state::waiting) << "its permit is the next but one, however many the other client has waiting";
}

TEST_F(upstream_limiter_test, a_pace_is_that_of_the_present_crowd) {
  policy.max_queued = 1000;
  auto running = come(), other = come();
  std::vector<permit_request_ptr> slow;
  for (int i = 0; i < 20; ++i) slow.push_back(come(1, account, 1h));
  for (auto const& next : slow) {
    now += 10s;
    finish(running, outcome::unknown);
    running = next;
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(come()->is, state::waiting) << "those who were slow have gone";
}

TEST_F(upstream_limiter_test, what_another_client_wants_too_goes_when_that_client_is_served) {
  policy.max_queued = 40;
  auto const a = come(1), b = come(1);
  std::vector<permit_request_ptr> greedy;
  for (int i = 0; i < 10; ++i) greedy.push_back(come(1));
  woken = limiter().join(greedy[9], of(2), now, now);
  finish(a, outcome::accepted);
  finish(b, outcome::accepted);
  EXPECT_EQ(greedy[0]->is, state::granted);
  EXPECT_EQ(greedy[9]->is, state::granted);
  woken = limiter().join(greedy[9], of(3), now, now);
  EXPECT_EQ(greedy[1]->is, state::waiting) << "what is under way waits for nothing";
}

TEST_F(upstream_limiter_test, one_kind_of_resource_that_fails_is_no_failure_of_another) {
  for (unsigned i = 0; i < policy.failures_to_break; ++i) finish(come_for(resource::annotation), outcome::failed);
  EXPECT_EQ(come_for(resource::annotation)->why, shed_reason::failing);
  EXPECT_EQ(come_for(resource::metrics)->is, state::granted);
  EXPECT_EQ(come()->is, state::granted);
}

TEST_F(upstream_limiter_test, one_place_is_never_had_but_by_a_summary) {
  auto const annotation = come_for(resource::annotation), metrics = come_for(resource::metrics), summary = come();
  EXPECT_EQ(metrics->is, state::waiting);
  EXPECT_EQ(summary->is, state::granted) << "though it came last";
  finish(summary, outcome::accepted);
  EXPECT_EQ(metrics->is, state::waiting);
  finish(annotation, outcome::accepted);
  EXPECT_EQ(metrics->is, state::granted);
}

TEST_F(upstream_limiter_test, what_is_abandoned_is_not_sent_and_its_permit_goes_to_the_next) {
  auto const a = come(), b = come(), c = come(), d = come();
  woken = limiter().abandon(c, now);
  EXPECT_EQ(c->is, state::shed);
  EXPECT_EQ(woken, (wake_list{c})) << "its task goes on";
  finish(a, outcome::accepted);
  EXPECT_EQ(d->is, state::granted);
  auto const early = std::make_shared<permit_request>(of(), now + 8s, 8s);
  woken = limiter().abandon(early, now);
  finish(b, outcome::accepted);
  woken = limiter().enter(early, position::last, now);
  EXPECT_EQ(early->is, state::shed) << "there is a place, and nobody who wants it";
}

TEST_F(upstream_limiter_test, who_leaves_between_two_attempts_leaves_nothing_behind) {
  policy.max_in_flight = 8;
  auto const refused = come(1);
  finish(refused, outcome::throttled);
  woken = limiter().abandon(refused, now);
  EXPECT_EQ(limiter().now().detached, 0U) << "its exchange has ended";
  now += 40s;
  woken = limiter().enter(refused, position::first, now);
  EXPECT_EQ(refused->is, state::shed) << "nobody wants the second one";
  EXPECT_EQ(come(1)->is, state::granted) << "the client has left nothing behind";
}

TEST_F(upstream_limiter_test, a_client_that_leaves_much_behind_gets_no_permit_until_it_has_ended) {
  policy.max_in_flight = 8;
  auto const left_behind = come(1);
  woken = limiter().abandon(left_behind, now);
  EXPECT_EQ(limiter().now().detached, 1U);
  auto const next = come(1);
  EXPECT_EQ(next->is, state::waiting);
  EXPECT_EQ(come(2)->is, state::granted);
  finish(left_behind, outcome::accepted);
  EXPECT_EQ(next->is, state::granted);
  woken = limiter().abandon(next, now);
  woken = limiter().join(next, of(1), now + 8s, now);
  EXPECT_EQ(come(1)->is, state::granted) << "somebody waits for it again";
  EXPECT_EQ(limiter().now().detached, 0U);
}

TEST_F(upstream_limiter_test, after_closing_nobody_is_granted_and_nobody_waits) {
  auto const a = come(), b = come(), c = come();
  woken = limiter().close(now);
  EXPECT_EQ(c->is, state::shed);
  EXPECT_EQ(come()->is, state::shed);
  EXPECT_FALSE(limiter().try_enter(std::make_shared<permit_request>(of(1, other_account), now, 0s), now));
  finish(a, outcome::accepted);
  finish(b, outcome::accepted);
  EXPECT_EQ(limiter().now().in_flight, 0U);
}

TEST_F(upstream_limiter_test, invented_accounts_make_it_no_larger_and_displace_no_account_that_is_limited) {
  policy.max_in_flight = 4000;
  policy.max_queued = 10'000;
  finish(come(), outcome::throttled, 20s);
  for (std::uint64_t invented = 100; invented < 4000; ++invented) finish(come(1, invented), outcome::accepted);
  EXPECT_EQ(come(1, account, 4s)->why, shed_reason::cooling_down) << "it is still known";
  std::vector<permit_request_ptr> held;
  for (std::uint64_t invented = 5000; invented < 8000; ++invented) held.push_back(come(1, invented));
  for (auto const& one : held) ASSERT_EQ(one->is, state::granted);
  for (auto const& one : held) finish(one, outcome::accepted);
  EXPECT_EQ(limiter().now().in_flight, 0U);
}

}  // namespace
}  // namespace gateway::test::upstream_limiter_test
