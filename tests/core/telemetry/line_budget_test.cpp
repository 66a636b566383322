// Lines of the access log for each fault, and how many requests they represent.
#include "core/telemetry/line_budget.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gateway::line_budget_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since) { return mono_time{1h} + since; }

TEST(line_budget, of_a_fault_is_so_many_lines_and_the_next_line_counts_the_rest) {
  line_budget budget{10};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(budget.take(fault::client_limit, at(0s)), 1U);
  for (int i = 0; i < 500; ++i) EXPECT_EQ(budget.take(fault::client_limit, at(0s)), 0U);
  EXPECT_EQ(budget.take(fault::client_limit, at(99ms)), 0U);
  EXPECT_EQ(budget.take(fault::client_limit, at(100ms)), 502U) << "itself, and those that got no line";
  EXPECT_EQ(budget.take(fault::client_limit, at(1h)), 1U) << "nothing is counted twice";
}

TEST(line_budget, of_one_fault_is_not_used_by_another) {
  line_budget budget{1};
  for (int i = 0; i < 100; ++i) budget.take(fault::client_limit, at(0s));
  EXPECT_EQ(budget.take(fault::upstream_timeout, at(0s)), 1U);
  EXPECT_EQ(budget.take(std::nullopt, at(0s)), 1U) << "a 5xx of Twilio's own";
  EXPECT_EQ(budget.take(std::nullopt, at(0s)), 0U);
}

TEST(line_budget, of_zero_is_no_bound) {
  line_budget budget{0};
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(budget.take(fault::client_limit, at(0s)), 1U);
}

// Whatever comes when: lines are bounded, and their weights are all requests but those since the last line.
TEST(line_budget, weights_add_up) {
  std::mt19937_64 random{7};
  for (std::uint64_t const lines : {1U, 3U, 50U}) {
    line_budget budget{lines};
    std::uint64_t requests = 0, written = 0, weight = 0;
    auto now = 0ns;
    for (int i = 0; i < 30'000; ++i) {
      now += std::chrono::microseconds{random() % 2'000};
      ++requests;
      auto const got = budget.take(fault::upstream_busy, at(now));
      written += got > 0 ? 1 : 0;
      weight += got;
    }
    EXPECT_LE(weight, requests);
    EXPECT_GE(weight + 1'100 / lines * 2 + 2, requests) << "about a thousand come in a second";
    EXPECT_LE(written, lines * (2 + static_cast<std::uint64_t>(now / 1s))) << lines;
    EXPECT_GE(written, lines * static_cast<std::uint64_t>(now / 1s)) << lines;
  }
}

}  // namespace
}  // namespace gateway::line_budget_test
