// The limiter of a gateway whose fleet shares the budgets of accounts: slots bound the exchanges, and without the engine it goes on alone.
#include <gtest/gtest.h>

#include "core/limit/upstream_limiter.hpp"

namespace gateway::test::upstream_limiter_fleet_test {
namespace {

using namespace std::chrono_literals;
using state = permit_request::state;
using outcome = exchange_outcome;

constexpr std::uint64_t account = 11;

struct upstream_limiter_fleet_test : testing::Test {
  upstream_limiter_fleet_test() { set(fleet_state::is::shared, 4); }

  upstream_limiter limiter{{.max_in_flight = 40}, 1};
  mono_time now{1h};
  wake_list woken;
  std::uint64_t epoch = 0;

  void set(fleet_state::is is, std::uint64_t members) { woken = limiter.set_fleet({is, members}, now); }
  static requester of(resource what) {
    requester made;
    made.account = account;
    made.client = 1;
    made.address = made.network = 5;
    made.what = what;
    return made;
  }
  permit_request_ptr come(const requester& who) {
    auto const one = std::make_shared<permit_request>(who, now + 8s, 8s);
    woken = limiter.enter(one, fair_queue::position::last, now);
    return one;
  }
  permit_request_ptr come(resource what = resource::summary) { return come(of(what)); }
  permit_request_ptr come_optionally() {
    auto const one = std::make_shared<permit_request>(of(resource::summary), now + 8s, 8s);
    EXPECT_FALSE(limiter.try_enter(one, now));
    return one;
  }
  budget_report report() {
    EXPECT_TRUE(limiter.has_news());
    EXPECT_EQ(limiter.take_changed(), (std::vector<std::uint64_t>{account}));
    auto made = limiter.report_of(account, false, now);
    EXPECT_TRUE(made);
    return made.value_or(budget_report{});
  }
  // The engine replies with so many slots; `limit` is what the fleet has learnt.
  void give(const slot_counts& slots, std::uint64_t limit = 40) {
    budget_word word;
    word.slots = slots;
    word.in_flight = slots[0] + slots[1];
    word.epoch = ++epoch;
    word.learnt = concurrency_limit{40}.remembered(now);
    word.learnt->limit = limit;
    woken = limiter.take_word(account, word, now);
    (void)limiter.take_changed();
  }
  void finish(const permit_request_ptr& one, outcome is = outcome::accepted) {
    exchange_feedback feedback;
    feedback.is = is;
    woken = limiter.finish(one, feedback, now);
  }
};

TEST_F(upstream_limiter_fleet_test, a_request_waits_until_the_engine_gives_a_slot) {
  auto const one = come();
  EXPECT_EQ(one->is, state::waiting);
  auto const asked = report();
  EXPECT_EQ(asked.in_use, (slot_counts{0, 0}));
  EXPECT_EQ(asked.wanted, (slot_counts{1, 0}));
  give({1, 0});
  EXPECT_EQ(one->is, state::granted);
  EXPECT_EQ(woken, (wake_list{one}));
  EXPECT_FALSE(limiter.report_of(account, false, now)) << "nothing has changed for the engine";
}

TEST_F(upstream_limiter_fleet_test, slots_of_one_kind_are_not_used_by_the_other) {
  auto const summary = come(), list = come(resource::summaries);
  EXPECT_EQ(report().wanted, (slot_counts{1, 1}));
  give({0, 1});
  EXPECT_EQ(summary->is, state::waiting);
  EXPECT_EQ(list->is, state::granted);
  give({1, 1});
  EXPECT_EQ(summary->is, state::granted);
}

TEST_F(upstream_limiter_fleet_test, a_slot_is_used_again_and_returned_when_no_request_waits) {
  auto const first = come(), second = come();
  (void)report();
  give({1, 0}, 10);
  finish(first);
  EXPECT_EQ(second->is, state::granted) << "no other gateway waits";
  finish(second);
  auto const last = report();
  EXPECT_EQ(last.in_use, (slot_counts{0, 0}));
  EXPECT_EQ(last.wanted, (slot_counts{0, 0}));
  EXPECT_GE(last.seen.accepted, 1U);
}

TEST_F(upstream_limiter_fleet_test, more_than_the_limit_is_not_wanted_and_more_than_the_setting_not_believed) {
  std::vector<permit_request_ptr> all;
  for (int i = 0; i < 100; ++i) all.push_back(come());
  EXPECT_EQ(report().wanted[0], 40U);
  give({1'000'000, 0}, 10);
  EXPECT_EQ(limiter.now().in_flight, 40U);
  EXPECT_EQ(limiter.now().limit, 10U);
}

TEST_F(upstream_limiter_fleet_test, in_a_cool_down_no_slot_is_wanted) {
  auto const one = come(), waiting = come();
  (void)report();
  give({1, 0}, 10);
  finish(one, outcome::throttled);
  EXPECT_EQ(report().wanted, (slot_counts{0, 0}));
  give({0, 0}, 10);
  now += 1s;
  woken = limiter.recheck(waiting, now);
  EXPECT_EQ(waiting->is, state::waiting);
  (void)limiter.report_circuits(true, now);
  woken = limiter.take_circuits({}, now);
  EXPECT_EQ(report().wanted, (slot_counts{1, 0})) << "the probe";
}

TEST_F(upstream_limiter_fleet_test, what_can_be_left_undone_waits_for_one_word_of_the_engine) {
  auto const lucky = come_optionally();
  auto const asked = report();
  EXPECT_EQ(asked.wanted, (slot_counts{0, 0})) << "it takes nothing from a request that waits elsewhere";
  EXPECT_EQ(asked.spare, (slot_counts{1, 0}));
  auto const later = come_optionally();
  give({1, 0});
  EXPECT_EQ(lucky->is, state::granted);
  EXPECT_EQ(later->is, state::waiting) << "the engine has not heard of it yet";
  EXPECT_EQ(limiter.report_of(account, false, now)->spare, (slot_counts{1, 0}));
  give({1, 0});
  EXPECT_EQ(later->is, state::shed);
  EXPECT_EQ(woken, (wake_list{later}));
}

TEST_F(upstream_limiter_fleet_test, what_can_be_left_undone_does_not_outlive_the_limiter) {
  auto const one = come_optionally();
  woken = limiter.close(now);
  EXPECT_EQ(one->is, state::shed);
  EXPECT_EQ(woken, (wake_list{one}));
}

TEST_F(upstream_limiter_fleet_test, what_could_be_left_undone_waits_like_others_once_a_client_wants_it) {
  auto const refresh = come_optionally();
  (void)report();
  woken = limiter.join(refresh, of(resource::summary), now + 8s, now);
  EXPECT_EQ(report().wanted, (slot_counts{1, 0}));
  give({0, 0});
  EXPECT_EQ(refresh->is, state::waiting);
  give({1, 0});
  EXPECT_EQ(refresh->is, state::granted);
}

TEST_F(upstream_limiter_fleet_test, guests_ask_for_one_spare_slot_and_wait_for_none) {
  auto guest = of(resource::summary);
  guest.guest = true;
  auto const first = come(guest), second = come(guest);
  auto const asked = report();
  EXPECT_EQ(asked.wanted, (slot_counts{0, 0}));
  EXPECT_EQ(asked.spare, (slot_counts{1, 0}));
  give({1, 0});
  EXPECT_EQ(first->is, state::granted);
  EXPECT_EQ(second->is, state::waiting);
  finish(first);
  EXPECT_EQ(second->is, state::granted);
}

TEST_F(upstream_limiter_fleet_test, only_accounts_with_something_to_do_report_with_each_beat) {
  EXPECT_TRUE(limiter.sharing_accounts().empty());
  auto const one = come();
  EXPECT_EQ(limiter.sharing_accounts(), (std::vector<std::uint64_t>{account}));
  give({1, 0});
  finish(one);
  give({0, 0});
  EXPECT_TRUE(limiter.sharing_accounts().empty());
  auto guest = of(resource::summary);
  guest.guest = true;
  (void)come(guest);
  EXPECT_EQ(limiter.sharing_accounts(), (std::vector<std::uint64_t>{account}));
}

TEST_F(upstream_limiter_fleet_test, unproved_requests_of_all_gateways_have_one_share) {
  std::vector<permit_request_ptr> all;
  for (std::uint64_t i = 0; i < 20; ++i) {
    auto who = of(resource::summary);
    who.proved = false;
    who.credential = who.address = who.network = 100 + i;
    all.push_back(come(who));
  }
  EXPECT_EQ(limiter.now().unproved_in_flight, 5U) << "half of 40, for four gateways";
}

TEST_F(upstream_limiter_fleet_test, alone_it_goes_on_with_its_part_and_learns_anew) {
  std::vector<permit_request_ptr> all;
  for (int i = 0; i < 10; ++i) all.push_back(come());
  (void)report();
  give({0, 0}, 10);
  set(fleet_state::is::alone, 4);
  EXPECT_EQ(limiter.now().in_flight, 2U) << "four fifths of ten, for four";
  EXPECT_EQ(woken, (wake_list{all[0], all[1]}));
  finish(all[0]);
  finish(all[1]);
  EXPECT_GT(limiter.now().in_flight, 2U) << "a whole round succeeded";
  EXPECT_FALSE(limiter.has_news());
}

TEST_F(upstream_limiter_fleet_test, with_more_gateways_than_the_limit_one_exchange_remains) {
  auto const first = come(), second = come();
  (void)report();
  give({0, 0}, 10);
  set(fleet_state::is::alone, 20);
  EXPECT_EQ(first->is, state::granted);
  EXPECT_EQ(second->is, state::waiting);
}

TEST_F(upstream_limiter_fleet_test, back_in_the_fleet_it_reports_what_it_uses_and_what_the_fleet_had_learnt) {
  auto const first = come(), second = come();
  (void)report();
  give({0, 0}, 10);
  set(fleet_state::is::alone, 20);
  EXPECT_EQ(first->is, state::granted);
  set(fleet_state::is::shared, 20);
  auto const back = report();
  EXPECT_EQ(back.in_use, (slot_counts{1, 0}));
  EXPECT_EQ(back.wanted, (slot_counts{2, 0}));
  EXPECT_EQ(back.epoch, 1U);
  EXPECT_EQ(limiter.now().limit, 10U);
  finish(first);
  EXPECT_EQ(limiter.report_of(account, false, now)->seen.accepted, 0U) << "it was sent without a slot of the fleet";
}

TEST_F(upstream_limiter_fleet_test, back_in_the_fleet_it_asks_for_what_it_had_learnt_alone_until_the_engine_knows_all) {
  std::vector<permit_request_ptr> all;
  for (int i = 0; i < 12; ++i) all.push_back(come());
  EXPECT_EQ(report().part, 0U) << "it was not alone";
  give({0, 0}, 10);
  set(fleet_state::is::alone, 4);
  finish(all[0]);
  finish(all[1]);
  EXPECT_EQ(limiter.now().limit, 3U);
  set(fleet_state::is::shared, 4);
  EXPECT_EQ(report().part, 3U);
  budget_word word;
  woken = limiter.take_word(account, word, now);
  EXPECT_EQ(report().part, 3U) << "the engine has forgotten, and learns";
  word.gateways = 2;
  woken = limiter.take_word(account, word, now);
  auto const later = report();
  EXPECT_EQ(later.part, 0U);
  EXPECT_EQ(later.gateways, 2U);
}

TEST_F(upstream_limiter_fleet_test, a_request_that_waits_for_the_engine_goes_on_when_there_is_none) {
  auto const optional = come_optionally(), one = come();
  set(fleet_state::is::alone, 2);
  EXPECT_EQ(one->is, state::granted);
  EXPECT_NE(optional->is, state::waiting);
}

}  // namespace
}  // namespace gateway::test::upstream_limiter_fleet_test
