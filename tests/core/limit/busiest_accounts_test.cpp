// What operators see of the accounts: the troubled ones first, with the state of what stops them.
#include <gtest/gtest.h>

#include "core/limit/upstream_limiter.hpp"

namespace gateway::test::busiest_accounts_test {
namespace {

using namespace std::chrono_literals;
using outcome = exchange_outcome;
using sort = circuit_name::sort;

struct busiest_accounts : testing::Test {
  upstream_limiter limiter{{.max_in_flight = 4, .max_queued = 40, .failures_to_break = 2}, 1};
  mono_time now{1h};

  permit_request_ptr come(std::uint64_t account) {
    requester who;
    who.client = 1;
    who.account = account;
    auto const one = std::make_shared<permit_request>(who, now + 8s, 8s);
    (void)limiter.enter(one, fair_queue::position::last, now);
    return one;
  }
  void finish(const permit_request_ptr& one, exchange_feedback feedback) { (void)limiter.finish(one, feedback, now); }
  void end(std::uint64_t account, outcome is, std::optional<fault> cause = {}, std::chrono::nanoseconds retry_after = 0s) {
    exchange_feedback feedback;
    feedback.is = is;
    feedback.cause = cause;
    feedback.retry_after = retry_after;
    finish(come(account), feedback);
    now += 1ms;
  }
  [[nodiscard]] std::vector<std::uint64_t> order(std::size_t most = 100) const {
    std::vector<std::uint64_t> found;
    for (auto const& one : limiter.busiest_accounts(most, now).accounts) found.push_back(one.account);
    return found;
  }
};

TEST_F(busiest_accounts, of_a_gateway_without_requests_are_none) {
  auto const seen = limiter.busiest_accounts(10, now);
  EXPECT_EQ(seen.known, 0U);
  EXPECT_FALSE(seen.way);
  EXPECT_TRUE(seen.accounts.empty());
}

TEST_F(busiest_accounts, come_in_the_order_trouble_queue_exchanges_and_last_use) {
  end(1, outcome::accepted);
  end(2, outcome::accepted);
  end(3, outcome::throttled, {}, 30s);
  std::vector<permit_request_ptr> kept{come(4), come(4), come(4), come(5), come(5)};
  EXPECT_EQ(order(), (std::vector<std::uint64_t>{3, 5, 4, 2, 1})) << "one of account 5 waits";
  EXPECT_EQ(order(2), (std::vector<std::uint64_t>{3, 5}));
  EXPECT_EQ(limiter.busiest_accounts(2, now).known, 5U) << "those that are left out, too";
  auto const seen = limiter.busiest_accounts(3, now).accounts;
  EXPECT_EQ(seen[1].waiting, 1U);
  EXPECT_EQ(seen[1].in_flight, 1U);
  EXPECT_EQ(seen[2].in_flight, 3U);
  EXPECT_EQ(seen[2].limit, 4U);
  EXPECT_TRUE(seen[2].circuits.empty());
  EXPECT_LT(seen[0].limit, 4U) << "the 429 lowered it";
}

TEST_F(busiest_accounts, say_until_when_a_cool_down_lasts) {
  end(1, outcome::throttled, {}, 20s);
  now += 4s;
  auto const seen = limiter.busiest_accounts(1, now).accounts.at(0).circuits;
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].whose.is, sort::cool_down);
  EXPECT_FALSE(seen[0].half_open);
  EXPECT_EQ(seen[0].probe_in, 16s - 1ms);
  now += 1min;
  auto const later = limiter.busiest_accounts(1, now).accounts.at(0).circuits;
  EXPECT_TRUE(later.at(0).half_open);
  EXPECT_EQ(later.at(0).probe_in, 0s) << "a probe may pass, and none has come";
}

TEST_F(busiest_accounts, say_why_a_circuit_breaker_opened) {
  end(1, outcome::failed, fault::upstream_timeout);
  EXPECT_TRUE(limiter.busiest_accounts(1, now).accounts.at(0).circuits.empty()) << "one failure is none";
  end(1, outcome::failed, fault::upstream_error);
  auto const seen = limiter.busiest_accounts(1, now).accounts.at(0).circuits;
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].whose.is, sort::breaker);
  EXPECT_EQ(seen[0].cause, fault::upstream_error) << "the last one";
  EXPECT_GT(seen[0].probe_in, 0s);
}

TEST_F(busiest_accounts, a_way_that_is_closed_stops_all_of_them) {
  end(1, outcome::accepted);
  end(1, outcome::unreachable, fault::upstream_unreachable);
  end(1, outcome::unreachable, fault::upstream_unreachable);
  auto const seen = limiter.busiest_accounts(1, now);
  ASSERT_TRUE(seen.way);
  EXPECT_EQ(seen.way->whose.is, sort::host);
  EXPECT_EQ(seen.way->cause, fault::upstream_unreachable);
  EXPECT_TRUE(seen.accounts.at(0).circuits.empty()) << "it says nothing about the account";
}

}  // namespace
}  // namespace gateway::test::busiest_accounts_test
