// What the shares of clients decide: whose turn it is, who waits for its own bound, who is shed, and what those who wait are told.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/limit/upstream_limiter.hpp"

namespace gateway::test::client_shares_test {
namespace {

using namespace std::chrono_literals;
using outcome = exchange_outcome;
using position = fair_queue::position;
using state = permit_request::state;

constexpr client_share interactive{}, bulk{1, client_class::bulk, 0};
constexpr client_share at_most(std::uint64_t exchanges) { return {1, client_class::interactive, exchanges}; }

struct client_shares_test : testing::Test {
  limiter_policy policy{.max_in_flight = 1, .max_queued = 100, .failures_to_break = 3, .bulk_share = 10};
  std::optional<upstream_limiter> made;
  mono_time now{1h};
  wake_list woken;

  upstream_limiter& limiter() { return made ? *made : made.emplace(policy, 1); }

  static requester of(std::uint64_t client, const client_share& share, std::uint64_t account = 11) {
    requester who;
    who.account = account;
    who.client = who.named = client;
    who.share = share;
    return who;
  }
  permit_request_ptr come(std::uint64_t client, const client_share& share = {}, resource what = resource::summary,
                          std::uint64_t account = 11) {
    auto who = of(client, share, account);
    who.what = what;
    auto const one = std::make_shared<permit_request>(who, now + 2h, 4s);
    woken = limiter().enter(one, position::last, now);
    return one;
  }
  std::vector<permit_request_ptr> come(int count, std::uint64_t client, const client_share& share) {
    std::vector<permit_request_ptr> all;
    for (int i = 0; i < count; ++i) all.push_back(come(client, share));
    return all;
  }
  void finish(const permit_request_ptr& one, outcome is = outcome::accepted) {
    exchange_feedback feedback;
    feedback.is = is;
    woken = limiter().finish(one, feedback, now);
  }
  // Ends `first`, and then each one that is granted. Returns the order of the clients.
  std::vector<std::uint64_t> order_after(permit_request_ptr first, std::size_t most = 1000) {
    std::vector<std::uint64_t> order;
    for (auto under = std::move(first); under != nullptr && order.size() < most;) {
      now += 100ms;
      finish(under);
      auto const next = std::ranges::find(woken, state::granted, &permit_request::is);
      under = next == woken.end() ? nullptr : *next;
      if (under != nullptr) order.push_back(under->who.client);
    }
    return order;
  }
};

TEST_F(client_shares_test, turns_go_by_weight) {
  auto const first = come(9);
  for (std::uint64_t client : {1U, 2U, 4U}) come(12, client, {client, client_class::interactive, 0});
  auto const order = order_after(first, 21);
  EXPECT_EQ(std::ranges::count(order, 1U), 3);
  EXPECT_EQ(std::ranges::count(order, 2U), 6);
  EXPECT_EQ(std::ranges::count(order, 4U), 12);
}

TEST_F(client_shares_test, bulk_yields_but_for_its_least_share) {
  struct row {
    std::uint64_t percent;
    std::vector<std::uint64_t> order;
  };
  for (auto const& [percent, order] : std::vector<row>{
           {0, {1, 1, 1, 1, 1, 1, 2, 2, 2}},
           {25, {1, 1, 1, 2, 1, 1, 1, 2, 2}},
           {50, {1, 2, 1, 2, 1, 2, 1, 1, 1}},
       }) {
    made.reset();
    policy.bulk_share = percent;
    auto const first = come(9);
    come(3, 2, bulk);
    come(6, 1, interactive);
    EXPECT_EQ(order_after(first), order) << percent;
  }
}

TEST_F(client_shares_test, bulk_gives_way_to_other_kinds_of_resources_too) {
  policy = {.max_in_flight = 2, .bulk_share = 0};
  auto const a = come(9), b = come(9);
  auto const exported = come(2, bulk), page = come(1, interactive, resource::metrics);
  finish(a);
  EXPECT_EQ(page->is, state::granted);
  EXPECT_EQ(exported->is, state::waiting);
  finish(b);
  EXPECT_EQ(exported->is, state::granted);
}

TEST_F(client_shares_test, bulk_goes_at_once_if_what_is_interactive_cannot_be_sent) {
  policy.max_in_flight = 2;
  policy.bulk_share = 0;
  auto const one = come(1, at_most(1)), held_up = come(1, at_most(1)), exported = come(2, bulk);
  EXPECT_EQ(held_up->is, state::waiting);
  EXPECT_EQ(exported->is, state::granted);
}

TEST_F(client_shares_test, the_class_says_nothing_about_other_accounts) {
  auto const first = come(9), exported = come(2, bulk), page = come(1, interactive, resource::summary, 12);
  finish(first);
  EXPECT_EQ(exported->is, state::granted) << "it came first, and accounts take turns";
  finish(exported);
  EXPECT_EQ(page->is, state::granted);
}

TEST_F(client_shares_test, a_client_at_its_bound_waits_for_itself_alone) {
  policy.max_in_flight = 4;
  auto const mine = come(4, 1, at_most(2));
  EXPECT_EQ(limiter().in_flight_of_client(1), 2U);
  EXPECT_EQ(mine[2]->is, state::waiting);
  auto const a = come(2), b = come(3);
  EXPECT_EQ(a->is, state::granted);
  EXPECT_EQ(b->is, state::granted) << "it is not behind those who wait for their own bound";
  finish(a);
  EXPECT_EQ(mine[2]->is, state::waiting) << "a place is free, and the bound holds";
  finish(mine[0]);
  EXPECT_EQ(mine[2]->is, state::granted);
  EXPECT_EQ(mine[3]->is, state::waiting);
  for (auto const& one : {mine[1], mine[2], mine[3], b}) finish(one);
  EXPECT_EQ(limiter().in_flight_of_client(1), 0U);
}

TEST_F(client_shares_test, a_bound_counts_all_kinds_addresses_and_what_nobody_waits_for) {
  policy.max_in_flight = 8;
  auto const summary = come(1, at_most(2)), metrics = come(1, at_most(2), resource::metrics);
  auto elsewhere = of(77, at_most(2));
  elsewhere.named = 1;  // the same client at another address
  auto const third = std::make_shared<permit_request>(elsewhere, now + 1h, 4s);
  woken = limiter().enter(third, position::last, now);
  EXPECT_EQ(third->is, state::waiting);
  woken = limiter().abandon(metrics, now);
  EXPECT_EQ(third->is, state::waiting) << "the exchange goes on";
  auto const optional = std::make_shared<permit_request>(elsewhere, now + 1h, 4s);
  EXPECT_FALSE(limiter().try_enter(optional, now));
  finish(metrics);
  EXPECT_EQ(third->is, state::granted);
}

TEST_F(client_shares_test, a_bound_holds_while_the_credential_is_not_proved) {
  policy.max_in_flight = 8;
  auto const known = come(1, at_most(1));
  auto who = of(1, at_most(1));
  who.proved = false;
  who.credential = 5;
  auto const stranger = std::make_shared<permit_request>(who, now + 1h, 4s);
  woken = limiter().enter(stranger, position::last, now);
  EXPECT_EQ(stranger->is, state::waiting);
  finish(known);
  EXPECT_EQ(stranger->is, state::granted);
}

// One address after the other, whatever the weights of clients that are not proved yet.
TEST_F(client_shares_test, a_weight_is_nothing_before_the_credential_is_proved) {
  policy.max_in_flight = 2;  // one of them for what is unproved
  std::vector<permit_request_ptr> all;
  for (std::uint64_t number = 0; number < 8; ++number) {
    auto who = of(number < 4 ? 1 : 2, {number < 4 ? 9U : 1U, client_class::interactive, 0});
    who.proved = false;
    who.address = who.client;
    who.credential = 100 + number;
    all.push_back(std::make_shared<permit_request>(who, now + 1h, 4s));
    woken = limiter().enter(all.back(), position::last, now);
  }
  ASSERT_EQ(all[0]->is, state::granted);
  auto const order = order_after(all[0]);
  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 2, 1, 2, 1, 2, 2}));
}

TEST_F(client_shares_test, a_client_at_its_bound_asks_the_fleet_for_no_slot) {
  policy.max_in_flight = 8;
  woken = limiter().set_fleet({fleet_state::is::shared, 2}, now);
  auto const mine = come(4, 1, at_most(1));
  auto const wanted = [&] { return limiter().report_of(11, true, now)->wanted[0]; };
  EXPECT_EQ(wanted(), 1U) << "one of the four may be sent";
  budget_word word;
  word.slots = {4, 0};
  word.epoch = word.gateways = 1;
  woken = limiter().take_word(11, word, now);
  EXPECT_EQ(limiter().in_flight_of_client(1), 1U);
  EXPECT_EQ(wanted(), 1U) << "in flight, and no other one may follow";
  come(2, interactive);
  come(2, interactive);
  EXPECT_EQ(wanted(), 3U);
}

TEST_F(client_shares_test, what_waits_for_its_own_bound_keeps_no_refresh_from_going) {
  policy.max_in_flight = 4;
  come(3, 1, at_most(1));
  auto const refresh = std::make_shared<permit_request>(of(2, interactive), now + 1h, 4s);
  EXPECT_TRUE(limiter().try_enter(refresh, now));
  auto const of_itself = std::make_shared<permit_request>(of(1, at_most(1)), now + 1h, 4s);
  EXPECT_FALSE(limiter().try_enter(of_itself, now));
}

TEST_F(client_shares_test, who_joins_lends_its_place) {
  struct row {
    std::string_view what;
    client_share first, joins;
    bool moves;
  };
  static constexpr row rows[] = {
      {"what bulk waits for becomes interactive", bulk, interactive, true},
      {"bulk cannot pull down", interactive, bulk, false},
      {"an equal client comes no sooner", interactive, interactive, false},
      {"a heavier client does", interactive, {9, client_class::interactive, 0}, true},
      {"between bulk clients, too", bulk, {9, client_class::bulk, 0}, true},
  };
  for (auto const& [what, first, joins, moves] : rows) {
    made.reset();
    auto const busy = come(9);
    auto const one = come(1, first);
    woken = limiter().join(one, of(2, joins), one->until, now);
    EXPECT_EQ(one->who.client == 2, moves) << what;
    EXPECT_EQ(one->client(), one->who.client) << what;
    EXPECT_EQ(one->who.share, moves ? joins : first) << what;
    EXPECT_EQ(limiter().now().waiting, 1U) << what;
    finish(busy);
    EXPECT_EQ(one->is, state::granted) << what;
    EXPECT_EQ(limiter().in_flight_of_client(moves ? 2 : 1), 1U) << what;
  }
}

TEST_F(client_shares_test, what_an_interactive_client_at_its_bound_joins_is_interactive_where_it_is) {
  policy = {.max_in_flight = 2, .bulk_share = 0};
  come(1, at_most(1));
  auto const busy = come(9), exported = come(2, bulk), page = come(3, interactive), more = come(3, interactive);
  woken = limiter().join(exported, of(1, at_most(1)), exported->until, now);
  EXPECT_EQ(limiter().now().bulk_waiting, 0U);
  EXPECT_EQ(exported->who.client, 2U) << "there it is sooner than behind the bound";
  finish(busy);
  finish(page);
  EXPECT_EQ(exported->is, state::granted);
  EXPECT_EQ(more->is, state::waiting);
  EXPECT_EQ(limiter().in_flight_of_client(2), 1U);
}

TEST_F(client_shares_test, what_is_joined_under_way_is_interactive_if_it_has_to_go_again) {
  policy.bulk_share = 0;
  auto const exported = come(2, bulk);
  auto const page = come(3, interactive), next = come(3, interactive), more = come(3, interactive);
  woken = limiter().join(exported, of(1, bulk), exported->until, now);
  woken = limiter().join(exported, of(1, interactive), exported->until, now);
  EXPECT_EQ(limiter().now().bulk_in_flight, 1U) << "it was sent as bulk";
  finish(exported, outcome::unknown);
  EXPECT_EQ(limiter().now().bulk_in_flight, 0U);
  woken = limiter().enter(exported, position::first, now);
  EXPECT_EQ(limiter().now().bulk_waiting, 0U);
  finish(page);
  finish(next);
  EXPECT_EQ(exported->is, state::granted);
  EXPECT_EQ(more->is, state::waiting);
}

TEST_F(client_shares_test, who_joins_what_waits_for_a_bound_lets_it_go) {
  policy.max_in_flight = 4;
  auto const mine = come(2, 1, at_most(1));
  woken = limiter().join(mine[1], of(2, interactive), mine[1]->until, now);
  EXPECT_EQ(mine[1]->is, state::granted);
  EXPECT_EQ(woken, (wake_list{mine[1]})) << "its task goes on";
  auto const again = come(1, at_most(1)), theirs = come(3, at_most(1)), more = come(3, at_most(1));
  EXPECT_EQ(theirs->is, state::granted);
  woken = limiter().join(again, of(3, at_most(1)), again->until, now);
  EXPECT_EQ(again->who.client, 1U) << "it would wait for a bound there, too, and behind others";
}

TEST_F(client_shares_test, a_full_queue_sheds_bulk_first_but_for_its_least_places) {
  policy.max_queued = 10;
  auto const busy = come(9);
  auto const exported = come(6, 2, bulk);
  auto const pages = come(4, 1, interactive);
  auto const more = come(5, 3, interactive);
  auto const shed_of = [](const auto& those) { return std::ranges::count(those, state::shed, &permit_request::is); };
  EXPECT_EQ(shed_of(exported), 5) << "of ten places it keeps one";
  EXPECT_EQ(exported.front()->is, state::waiting);
  EXPECT_EQ(shed_of(pages) + shed_of(more), 0);
  EXPECT_EQ(come(3, interactive)->is, state::shed) << "its own client has most";
  EXPECT_EQ(come(2, bulk)->why, shed_reason::queue_full);
  EXPECT_EQ(exported.front()->is, state::waiting);
}

TEST_F(client_shares_test, a_full_queue_sheds_who_has_the_most_for_its_weight) {
  policy.max_queued = 10;
  auto const busy = come(9);
  auto const heavy = come(7, 4, {4, client_class::interactive, 0});
  auto const light = come(3, 1, interactive);
  auto const late = come(2, interactive);
  EXPECT_EQ(late->is, state::waiting);
  EXPECT_EQ(light.back()->is, state::shed) << "three rounds, and seven quarters of one";
  EXPECT_EQ(std::ranges::count(heavy, state::shed, &permit_request::is), 0);
}

// A weight is compared with those of the same account only.
TEST_F(client_shares_test, of_a_full_queue_the_account_with_the_most_requests_gives_way_whatever_its_weights) {
  for (auto const weight : {1U, 10U, 100U}) {
    made.reset();
    policy.max_queued = 10;
    auto const busy = come(9);
    auto const many = come(8, 1, {weight, client_class::interactive, 0});
    std::vector<permit_request_ptr> few;
    for (int i = 0; i < 3; ++i) few.push_back(come(2, interactive, resource::summary, 12));
    EXPECT_EQ(many.back()->is, state::shed) << weight;
    EXPECT_EQ(std::ranges::count(few, state::waiting, &permit_request::is), 3) << weight;
    EXPECT_EQ(come(3, {weight, client_class::interactive, 0})->is, state::waiting)
        << weight << ": the last of its account's longest is shed";
    EXPECT_EQ(std::ranges::count(many, state::waiting, &permit_request::is), 6) << weight;
  }
}

TEST_F(client_shares_test, another_share_counts_for_who_waits) {
  auto const first = come(9);
  auto const one = come(3, 1, interactive), other = come(3, 2, interactive);
  client_shares shares{{1, bulk}, {2, interactive}};
  woken = limiter().set_shares(shares, now);
  EXPECT_EQ(limiter().now().bulk_waiting, 3U);
  shares[2] = at_most(1);
  woken = limiter().set_shares(shares, now);
  policy.max_in_flight = 3;
  woken = limiter().set_policy(policy, now);
  EXPECT_EQ(other[0]->is, state::granted);
  EXPECT_EQ(other[1]->is, state::waiting) << "the bound is in force";
  EXPECT_EQ(one[0]->is, state::granted);
  EXPECT_EQ(one[1]->is, state::waiting);
  finish(one[0]);
  EXPECT_EQ(one[1]->is, state::granted) << "in their order";
  finish(first);
  finish(one[1]);
  EXPECT_EQ(one[2]->is, state::granted);
  woken = limiter().set_shares({{1, bulk}, {2, interactive}}, now);
  EXPECT_EQ(other[1]->is, state::granted) << "no bound any more";
  EXPECT_EQ(limiter().now().bulk_in_flight, 1U) << "granted as bulk";
  for (auto const& each : {one[2], other[0], other[1]}) finish(each);
  EXPECT_EQ(limiter().now().bulk_in_flight, 0U);
}

TEST_F(client_shares_test, another_share_counts_for_the_next_attempt_of_what_is_under_way) {
  auto const one = come(1, interactive), page = come(3, interactive);
  woken = limiter().set_shares({{1, bulk}, {3, interactive}}, now);
  finish(one, outcome::unknown);
  woken = limiter().enter(one, position::first, now);
  EXPECT_EQ(one->who.share, bulk);
  EXPECT_EQ(limiter().now().bulk_waiting, 1U);
  finish(page);
  EXPECT_EQ(limiter().now().bulk_in_flight, 1U);
  finish(one);
  auto const refresh = std::make_shared<permit_request>(of(1, interactive), now + 1h, 4s);
  EXPECT_TRUE(limiter().try_enter(refresh, now));
  EXPECT_EQ(limiter().now().bulk_in_flight, 1U) << "and of what begins by what was read before";
  auto const theirs = come(4, bulk);
  woken = limiter().join(theirs, of(1, interactive), theirs->until, now);
  EXPECT_TRUE(theirs->who.share.is_bulk()) << "and of who joins";
}

TEST_F(client_shares_test, what_an_interactive_reader_waits_for_stays_interactive_whatever_becomes_of_its_clients_class) {
  auto const busy = come(9);
  auto const joined = come(1, interactive), alone = come(1, interactive);
  woken = limiter().join(joined, of(3, interactive), joined->until, now);
  auto for_readers_of_all_classes = of(2, bulk);
  for_readers_of_all_classes.raised = true;
  auto const look = std::make_shared<permit_request>(for_readers_of_all_classes, now + 1h, 4s);
  woken = limiter().enter(look, position::last, now);
  EXPECT_FALSE(look->who.share.is_bulk());
  constexpr client_share heavy_bulk{7, client_class::bulk, 3};
  woken = limiter().set_shares({{1, heavy_bulk}, {2, heavy_bulk}, {3, interactive}}, now);
  EXPECT_TRUE(alone->who.share.is_bulk());
  EXPECT_EQ(limiter().now().bulk_waiting, 1U);
  EXPECT_EQ(joined->who.share, (client_share{7, client_class::interactive, 3})) << "weight and bound are new";
  EXPECT_EQ(look->who.share, joined->who.share);
}

TEST_F(client_shares_test, what_is_told_is_what_happens) {
  policy.max_queued = 1000;
  auto busy = come(9);
  come(40, 4, {4, client_class::interactive, 0});
  come(40, 1, interactive);
  come(60, 2, bulk);
  // A permit each 100 ms: after 50 of them their pace is known.
  for (int i = 0; i < 50; ++i) {
    now += 100ms;
    finish(busy);
    busy = *std::ranges::find(woken, state::granted, &permit_request::is);
  }
  auto const told = [&](std::uint64_t client, const client_share& share, std::uint64_t places) {
    policy.max_queued = places;
    woken = limiter().set_policy(policy, now);
    auto const one = std::make_shared<permit_request>(of(client, share), now + 1ms, 4s);  // no time to wait
    woken = limiter().enter(one, position::last, now);
    EXPECT_EQ(one->is, state::shed);
    return std::chrono::duration<double>(one->retry_in).count();
  };
  auto const light = told(1, interactive, 1000), heavy = told(4, {4, client_class::interactive, 0}, 1000), exported = told(2, bulk, 1);
  auto const began = now;
  std::map<std::uint64_t, double> took;
  while (limiter().now().waiting > 0) {
    now += 100ms;
    finish(busy);
    busy = *std::ranges::find(woken, state::granted, &permit_request::is);
    took[busy->who.client] = std::chrono::duration<double>(now - began).count();
  }
  EXPECT_NEAR(heavy, took[4], 0.25 * took[4] + 0.3);
  EXPECT_NEAR(light, took[1], 0.25 * took[1] + 0.3);
  EXPECT_GE(exported, 0.7 * took[2]) << "bulk is told no less";
}

TEST_F(client_shares_test, a_client_at_its_bound_is_told_how_long_its_own_take) {
  policy.max_in_flight = 10;
  auto const warm = come(1, at_most(2));
  now += 1s;
  finish(warm);  // an exchange takes a second
  come(2, 1, at_most(2));
  come(10, 1, at_most(2));
  auto const late = std::make_shared<permit_request>(of(1, at_most(2)), now + 5s, 4s);
  woken = limiter().enter(late, position::last, now);
  EXPECT_EQ(late->is, state::shed) << "six rounds of a second, and one second of time";
  EXPECT_GE(late->retry_in, 5s);
  EXPECT_LE(late->retry_in, 7s);
}

struct held_up_bulk : client_shares_test {
  held_up_bulk() {
    policy.bulk_share = 0;
    policy.max_queued = 1000;
  }
  // What bulk that cannot wait is told.
  std::chrono::nanoseconds told(const client_share& share = bulk) {
    auto const one = std::make_shared<permit_request>(of(2, share), now + 1ms, 4s);
    woken = limiter().enter(one, position::last, now);
    if (one->is == state::waiting) {
      now += 1ms;
      woken = limiter().recheck(one, now);
    }
    EXPECT_EQ(one->is, state::shed);
    return one->retry_in;
  }
  // Interactive requests, one waiting at each moment; each takes 100 ms. Returns what is under way then.
  permit_request_ptr pages(int count, permit_request_ptr under, resource what = resource::summary) {
    for (int i = 0; i < count; ++i) {
      auto const page = come(1, interactive, what);
      now += 100ms;
      finish(under);
      auto const next = std::ranges::find(woken, state::granted, &permit_request::is);
      under = next == woken.end() ? page : *next;
    }
    return under;
  }
};

TEST_F(held_up_bulk, is_told_so_although_its_pace_was_good_before) {
  for (bool const paused : {false, true}) {
    made.reset();
    auto busy = come(2, bulk);
    come(100, 2, bulk);
    for (int i = 0; i < 40; ++i) {
      now += 10ms;
      finish(busy);
      busy = *std::ranges::find(woken, state::granted, &permit_request::is);
    }
    auto const before = told();
    EXPECT_LE(before, 1s);
    if (paused) {
      now += 10ms;
      exchange_feedback feedback;
      feedback.is = outcome::throttled;
      feedback.retry_after = 20s;
      woken = limiter().finish(busy, feedback, now);
      busy = come(1, interactive);
      now += 20s;
      woken = limiter().recheck(busy, now);
      ASSERT_EQ(busy->is, state::granted);
      EXPECT_LE(told(), 2 * before) << "the pause says nothing about bulk";
    }
    pages(300, busy);
    EXPECT_GE(told(), 20 * before) << paused;
  }
}

// A client that sends one request after the other never has a pace.
TEST_F(held_up_bulk, a_lone_request_is_told_no_less_than_it_has_waited) {
  for (auto const what : {resource::summary, resource::metrics}) {
    made.reset();
    auto const busy = come(9, interactive, what);
    auto const one = std::make_shared<permit_request>(of(2, bulk), now + 30s, 4s);
    woken = limiter().enter(one, position::last, now);
    pages(295, busy, what);
    now += 1s;
    woken = limiter().recheck(one, now);
    ASSERT_EQ(one->is, state::shed);
    EXPECT_GE(one->retry_in, 29s);
    EXPECT_LE(one->retry_in, 35s);
    EXPECT_LE(told(), 1s) << "nobody has waited meanwhile";
  }
}

// Five of a hundred turns: thirty requests take 60 s.
TEST_F(held_up_bulk, its_first_few_permits_count_before_the_pace_is_known) {
  policy.bulk_share = 5;
  auto const busy = come(9);
  come(35, 2, bulk);
  auto const under = pages(101, busy);
  ASSERT_EQ(limiter().now().permits[1], 5U);
  EXPECT_GE(told(), 40s);
  EXPECT_LE(told(), 90s);
  pages(10, under);
  EXPECT_GE(told(), 40s);
}

TEST_F(held_up_bulk, waits_for_interactive_requests_of_all_kinds_and_whatever_its_own_bound) {
  auto const warm = come(9), other = come(9, interactive, resource::metrics);
  now += 1s;
  finish(warm);
  ASSERT_EQ(other->is, state::granted);
  for (int i = 0; i < 20; ++i) come(1, interactive, resource::metrics);
  EXPECT_GE(told(), 20s);
  EXPECT_GE(told({1, client_class::bulk, 5}), 20s) << "its bound is not what it waits for";
}

}  // namespace
}  // namespace gateway::test::client_shares_test
