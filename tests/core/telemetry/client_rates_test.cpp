#include "core/telemetry/client_rates.hpp"

#include <gtest/gtest.h>

namespace gateway::client_rates_test {
namespace {

using namespace std::chrono_literals;

client_row row(std::string_view who, std::uint64_t requests) {
  client_row one{who, {}};
  one.figures.requests = requests;
  return one;
}

mono_time at(std::chrono::nanoseconds since_start) { return mono_time{since_start}; }

TEST(client_rates, are_about_the_last_ten_to_twenty_seconds) {
  client_rates rates{at(0s)};
  EXPECT_EQ(rates.in_ten_seconds(row("a", 50), at(5s)), 100U) << "since the start";
  EXPECT_FALSE(rates.is_due(at(9s)));
  EXPECT_TRUE(rates.is_due(at(10s)));
  rates.note({row("a", 100)}, at(10s));
  EXPECT_EQ(rates.in_ten_seconds(row("a", 100), at(10s)), 100U);
  rates.note({row("a", 100)}, at(20s));
  EXPECT_EQ(rates.in_ten_seconds(row("a", 100), at(20s)), 0U) << "it has stopped";
  EXPECT_EQ(rates.in_ten_seconds(row("a", 130), at(25s)), 20U);
  EXPECT_EQ(rates.in_ten_seconds(row("b", 30), at(25s)), 20U) << "a client that has just come";
  EXPECT_EQ(rates.in_ten_seconds({}, at(25s)), 0U);
}

TEST(client_rates, of_a_client_that_lost_its_row_and_came_again_are_never_negative) {
  client_rates rates{at(0s)};
  rates.note({row("a", 1'000)}, at(10s));
  rates.note({row("a", 1'000)}, at(20s));
  EXPECT_EQ(rates.in_ten_seconds(row("a", 7), at(30s)), 4U);
}

TEST(client_rates, of_the_first_moment_are_no_exaggeration) {
  EXPECT_EQ(client_rates{at(0s)}.in_ten_seconds(row("a", 3), at(1ms)), 30U) << "three in the first second";
}

}  // namespace
}  // namespace gateway::client_rates_test
