// The queues of requests whose credentials are not proved.
#include <gtest/gtest.h>

#include "core/limit/upstream_limiter.hpp"

namespace gateway::test::unproved_lines_test {
namespace {

using namespace std::chrono_literals;
using state = permit_request::state;
using outcome = exchange_outcome;
using credential = exchange_feedback::credential;

struct unproved_queues_test : testing::Test {
  limiter_policy policy{.max_in_flight = 8, .max_queued = 20, .failures_to_break = 3};
  std::optional<upstream_limiter> made;
  mono_time now{1h};
  wake_list woken;  // by the last operation
  std::uint64_t invented = 1000;

  upstream_limiter& limiter() { return made ? *made : made.emplace(policy, 1); }

  // Adds a request from that address, with a credential of its own unless one is given.
  permit_request_ptr come(std::uint64_t address, std::uint64_t with = 0, std::uint64_t network = 0) {
    requester who;
    who.account = 11;
    who.proved = false;
    who.credential = with == 0 ? ++invented : with;
    who.address = address;
    who.network = network == 0 ? address : network;
    auto const one = std::make_shared<permit_request>(who, now + 8s, 8s);
    woken = limiter().enter(one, fair_queue::position::last, now);
    return one;
  }
  permit_request_ptr come_proved(std::uint64_t client = 1) {
    requester who;
    who.account = 11;
    who.client = client;
    who.credential = client;
    auto const one = std::make_shared<permit_request>(who, now + 8s, 8s);
    woken = limiter().enter(one, fair_queue::position::last, now);
    return one;
  }
  void finish(const permit_request_ptr& one, outcome is, credential who = credential::unknown) {
    exchange_feedback feedback;
    feedback.is = is;
    feedback.who = who;
    woken = limiter().finish(one, feedback, now);
  }
  std::size_t granted(const std::vector<permit_request_ptr>& all) {
    return static_cast<std::size_t>(std::ranges::count_if(all, [](const permit_request_ptr& one) { return one->is == state::granted; }));
  }
};

TEST_F(unproved_queues_test, of_one_credential_a_single_exchange_is_under_way_and_its_answer_moves_the_others) {
  auto const first = come(1, 7), second = come(2, 7), third = come(1, 7), stranger = come(1);
  EXPECT_EQ(first->is, state::granted);
  EXPECT_EQ(second->is, state::waiting);
  EXPECT_EQ(stranger->is, state::granted) << "another credential";
  finish(first, outcome::accepted, credential::accepted);
  EXPECT_EQ(second->is, state::granted);
  EXPECT_EQ(third->is, state::granted);
  EXPECT_TRUE(second->who.proved && !second->in_unproved_queue);
  EXPECT_EQ(limiter().now().unproved_in_flight, 1U);
}

TEST_F(unproved_queues_test, after_a_refusal_the_next_one_goes_alone) {
  auto const first = come(1, 7), second = come(1, 7), third = come(1, 7);
  finish(first, outcome::accepted, credential::refused);
  EXPECT_EQ(second->is, state::granted);
  EXPECT_EQ(third->is, state::waiting);
}

TEST_F(unproved_queues_test, half_of_the_places_are_never_theirs) {
  std::vector<permit_request_ptr> strangers, proved;
  for (std::uint64_t address = 1; address <= 12; ++address) strangers.push_back(come(address));
  EXPECT_EQ(granted(strangers), 4U);
  for (std::uint64_t client = 1; client <= 4; ++client) proved.push_back(come_proved(client));
  EXPECT_EQ(granted(proved), 4U);
  proved.push_back(come_proved(5));
  finish(strangers[0], outcome::accepted, credential::refused);
  EXPECT_EQ(granted(proved), 5U) << "what becomes free is for who is proved";
  EXPECT_EQ(granted(strangers), 4U) << "the one that ended still says so, and no other has gone";
}

TEST_F(unproved_queues_test, half_of_the_queue_is_never_theirs_and_the_largest_crowd_pays) {
  std::vector<permit_request_ptr> crowd;
  for (int i = 0; i < 40; ++i) crowd.push_back(come(1));
  EXPECT_EQ(limiter().now().unproved_waiting, 10U);
  auto const other = come(2);
  EXPECT_EQ(other->is, state::granted) << "its line is as wide as the first one's";
  come(2), come(2);
  auto const third = come(3);
  EXPECT_NE(third->is, state::shed) << "the last of the longest line goes instead";
}

TEST_F(unproved_queues_test, a_network_has_one_share_however_many_addresses_it_has) {
  std::vector<permit_request_ptr> many;
  for (std::uint64_t address = 1; address <= 8; ++address) many.push_back(come(address, 0, 100));
  auto const lone = come(50, 0, 200);
  EXPECT_EQ(lone->is, state::waiting) << "four of the first are under way";
  finish(many[0], outcome::accepted, credential::refused);
  finish(many[1], outcome::accepted, credential::refused);
  EXPECT_EQ(lone->is, state::granted) << "the second permit at the latest";
}

TEST_F(unproved_queues_test, a_queue_widens_with_good_credentials_and_narrows_with_bad_ones) {
  auto const width = [&](std::uint64_t address) {
    std::vector<permit_request_ptr> all;
    for (int i = 0; i < 5; ++i) all.push_back(come(address));
    auto const wide = granted(all);
    for (auto const& one : all) {
      if (one->is == state::waiting) woken = limiter().abandon(one, now);
    }
    for (auto const& one : all) {
      if (one->is == state::granted) finish(one, outcome::unknown);
    }
    return wide;
  };
  EXPECT_EQ(width(1), 2U);
  finish(come(1), outcome::accepted, credential::accepted);
  EXPECT_EQ(width(1), 4U);
  finish(come(2), outcome::accepted, credential::refused);
  EXPECT_EQ(width(2), 1U);
}

TEST_F(unproved_queues_test, a_failure_opens_the_circuit_of_its_own_queue_only) {
  for (int i = 0; i < 3; ++i) finish(come(1), outcome::failed);
  EXPECT_EQ(come(1)->why, shed_reason::failing);
  EXPECT_EQ(limiter().now().unproved_broken, 1U);
  EXPECT_EQ(come(2)->is, state::granted);
  EXPECT_EQ(come_proved()->is, state::granted);
  EXPECT_EQ(limiter().now().broken, 0U);
  finish(come(3), outcome::throttled);
  auto const waits = come(3);
  EXPECT_EQ(waits->is, state::waiting) << "for a probe";
  EXPECT_LE(limiter().recheck_at(*waits, now), now + 2s);
  EXPECT_EQ(limiter().now().cooling_down, 0U);
  EXPECT_EQ(limiter().of(11).limit, 8U);
  now += 2s;
  woken = limiter().recheck(waits, now);
  EXPECT_EQ(waits->is, state::granted);
}

TEST_F(unproved_queues_test, no_connection_is_a_failure_for_all_and_one_probe_is_enough) {
  for (int i = 0; i < 3; ++i) finish(come_proved(static_cast<std::uint64_t>(i)), outcome::unreachable);
  EXPECT_EQ(limiter().now().broken, 1U) << "all there are";
  EXPECT_EQ(come_proved(9)->why, shed_reason::failing);
  EXPECT_EQ(come(1)->why, shed_reason::failing);
  now += 2s;
  auto const probe = come_proved(9), late = come_proved(10);
  EXPECT_EQ(probe->is, state::granted);
  EXPECT_EQ(late->is, state::shed);
  finish(probe, outcome::failed);
  EXPECT_EQ(come_proved(10)->is, state::granted) << "a failure over a connection shows that there is one";
}

TEST_F(unproved_queues_test, a_refused_credential_loses_its_place_among_the_proved) {
  policy.max_in_flight = 2;
  auto const first = come_proved(1), second = come_proved(1), third = come_proved(1), other = come_proved(2);
  finish(first, outcome::accepted, credential::refused);
  EXPECT_FALSE(third->who.proved);
  EXPECT_EQ(other->is, state::granted);
  EXPECT_EQ(third->is, state::waiting);
}

TEST_F(unproved_queues_test, what_a_proved_reader_joins_moves_to_its_queue) {
  policy.max_in_flight = 2;
  auto const first = come(1, 7), second = come(1, 8);
  ASSERT_EQ(second->is, state::waiting);
  requester who;
  who.account = 11;
  who.client = 5;
  woken = limiter().join(second, who, now + 8s, now);
  EXPECT_EQ(second->is, state::granted);
}

TEST_F(unproved_queues_test, nothing_of_theirs_is_repeated_at_others_cost) {
  auto const stranger = come(1), proved = come_proved();
  while (limiter().may_repeat(*stranger, now)) continue;
  EXPECT_TRUE(limiter().may_repeat(*proved, now)) << "theirs has nothing left, the others' has all";
  while (limiter().may_repeat(now)) continue;
  for (int i = 0; i < 100; ++i) finish(come(2), outcome::accepted, credential::refused);
  EXPECT_FALSE(limiter().may_repeat(now)) << "nor do they pay for others";
  EXPECT_TRUE(limiter().may_repeat(*stranger, now));
}

TEST_F(unproved_queues_test, a_guest_has_one_of_its_accounts_places_or_waits) {
  for (int i = 0; i < 2; ++i) {
    finish(come_proved(), outcome::throttled);
    now += 1h;
  }
  ASSERT_EQ(limiter().of(11).limit, 2U);
  auto const guest = [&](std::uint64_t address) {
    requester who;
    who.account = 11;
    who.guest = true;
    who.address = who.network = address;
    auto const one = std::make_shared<permit_request>(who, now + 8s, 8s);
    woken = limiter().enter(one, fair_queue::position::last, now);
    return one;
  };
  auto const first = guest(1), second = guest(2), third = guest(3);
  EXPECT_EQ(granted({first, second, third}), 2U);
  EXPECT_EQ(limiter().of(11).in_flight, 2U);
  finish(first, outcome::failed);
  EXPECT_EQ(third->is, state::granted);
}

TEST_F(unproved_queues_test, addresses_without_end_are_forgotten_but_not_what_is_under_way) {
  auto const held = come(1);
  for (std::uint64_t address = 2; address < 6000; ++address) {
    for (int i = 0; i < 3; ++i) finish(come(address), outcome::failed);
  }
  EXPECT_EQ(limiter().now().unproved_broken, 4095U) << "all that are known but the one under way";
  finish(held, outcome::accepted, credential::accepted);
  EXPECT_EQ(limiter().now().in_flight, 0U);
}

}  // namespace
}  // namespace gateway::test::unproved_lines_test
