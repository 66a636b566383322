// Quotas over all workers: what several lanes take at once, who waits for the engine's word, and what is given back.
#include "app/state/client_quotas.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "io/runtime/clock.hpp"
#include "quota_takers.hpp"

namespace gateway::test::client_quotas_test {
namespace {

using namespace std::chrono_literals;
using kind = quota_decision::kind;

std::vector<client_settings> clients_with(quota_rule rule) {
  client_settings billing, free;
  billing.name = "billing";
  billing.quota = rule;
  free.name = "free";
  return {billing, free};
}

struct client_quotas_test : quota_takers {
  client_quotas_test() : quota_takers(clients_with({3, 720h})) {}

  // The engine's reply to what is asked now.
  void engine_gives(std::uint64_t holds, std::uint64_t left) {
    auto const asked = quotas.report_of("billing");
    ASSERT_TRUE(asked);
    quotas.take_word("billing", asked->rule, {asked->what.window, holds, left, 1h}, mono_now());
    run();
  }
};

TEST_F(client_quotas_test, a_client_without_a_quota_is_never_refused) {
  EXPECT_FALSE(quotas.look("free").rule.is_on());
  EXPECT_FALSE(quotas.look("").rule.is_on());
  EXPECT_FALSE(quotas.figures_of("free"));
  EXPECT_EQ(quotas.figures_of("billing")->left, 3U);
}

TEST_F(client_quotas_test, lanes_together_take_no_more_than_there_are) {
  client_quotas many{clients_with({1000, 720h})};
  std::atomic<int> allowed = 0, refused = 0;
  auto const lane = [&](std::uint64_t number) {
    worker mine{number};
    auto const work = [](client_quotas& from, worker& on, std::atomic<int>& yes, std::atomic<int>& no) -> task<void> {
      for (int i = 0; i < 400; ++i) {
        auto taking = from.take(on.get_executor(), "billing");
        auto const made = co_await std::move(taking);
        (made.is == kind::allowed ? yes : no)++;
      }
    };
    mine.start_task("lane", work(many, mine, allowed, refused));
    mine.loop.poll();
  };
  std::vector<std::thread> lanes;
  for (std::uint64_t i = 1; i <= 4; ++i) lanes.emplace_back(lane, i);
  for (auto& one : lanes) one.join();
  EXPECT_EQ(allowed, 1000);
  EXPECT_EQ(refused, 600);
}

TEST_F(client_quotas_test, what_was_not_sent_is_given_back) {
  auto const taken = ask();
  ASSERT_TRUE(taken);
  { paid_call const unsent{quotas, "billing", *taken}; }
  EXPECT_EQ(quotas.figures_of("billing")->left, 3U);
  auto const again = ask();
  {
    paid_call done{quotas, "billing", *again};
    done.sent();
  }
  EXPECT_EQ(quotas.figures_of("billing")->left, 2U);
}

TEST_F(client_quotas_test, a_refusal_is_told_without_waiting_and_is_the_first_once) {
  EXPECT_FALSE(quotas.refuse("billing"));
  for (int i = 0; i < 3; ++i) ask();
  ASSERT_TRUE(quotas.refuse("billing"));
  EXPECT_FALSE(quotas.refuse("billing")->is_first);
  EXPECT_FALSE(quotas.refuse("free"));
}

TEST_F(client_quotas_test, requests_wait_for_the_engine_s_word) {
  int news = 0;
  quotas.on_news([&] { ++news; });
  quotas.set_fleet({fleet_state::is::shared, 2});
  auto& first = ask();
  auto& second = ask();
  auto& third = ask();
  EXPECT_FALSE(first || second || third);
  EXPECT_GE(news, 1);
  EXPECT_EQ(quotas.with_news(), std::vector<std::string>{"billing"});
  engine_gives(2, 0);
  ASSERT_TRUE(first && second && third);
  EXPECT_TRUE(first->is == kind::allowed);
  EXPECT_TRUE(second->is == kind::allowed);
  EXPECT_TRUE(third->is == kind::refused);
}

TEST_F(client_quotas_test, nobody_waits_when_the_engine_is_lost_or_the_client_is_gone) {
  quotas.set_fleet({fleet_state::is::shared, 3});
  auto& waits = ask();
  EXPECT_FALSE(waits);
  quotas.set_fleet({fleet_state::is::alone, 3});
  run();
  ASSERT_TRUE(waits);
  EXPECT_TRUE(waits->is == kind::allowed) << "its part";
  EXPECT_TRUE(ask()->is == kind::refused);
  quotas.set_fleet({fleet_state::is::shared, 3});
  auto& later = ask();
  EXPECT_FALSE(later);
  quotas.take_over({});
  run();
  ASSERT_TRUE(later);
  EXPECT_TRUE(later->is == kind::allowed);
}

TEST_F(client_quotas_test, another_quota_keeps_what_was_used) {
  for (int i = 0; i < 3; ++i) ask();
  quotas.take_over(clients_with({5, 720h}));
  EXPECT_EQ(quotas.figures_of("billing")->left, 2U);
  quotas.take_over(clients_with({0, {}}));
  EXPECT_FALSE(quotas.figures_of("billing"));
}

}  // namespace
}  // namespace gateway::test::client_quotas_test
