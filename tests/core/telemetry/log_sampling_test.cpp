#include "core/telemetry/log_sampling.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "telemetry/records.hpp"

namespace gateway::log_choice_test {
namespace {

using namespace std::chrono_literals;

const auto never = [] { return std::uint64_t{0}; };

TEST(log_decision, which_requests_are_logged_and_why) {
  struct row {
    request_record of;
    std::optional<noteworthy> why;
  };
  const row rows[] = {
      {record(outcome::hit, 200, 1ms), {}},
      {record(outcome::rejected, 401, 1ms), noteworthy::refused},
      {record(outcome::rejected, 408, 10s), noteworthy::slow},
      {record(outcome::miss, 404, 99ms), {}},
      {record(outcome::miss, 429, 1ms), {}},  // a refusal by the upstream, passed to the client
      {record(outcome::hit, 200, 100ms), noteworthy::slow},
      {record(outcome::failed, 504, 8s), noteworthy::failed},
      {record(outcome::failed, 502, 1ms), noteworthy::failed},
      {record(outcome::rejected, 501, 1ms), noteworthy::failed},
      {record(outcome::shed, 429, 1ms), noteworthy::failed},
  };
  for (auto const& r : rows) {
    auto const chosen = [&](access_log access) { return log_sampler{{access, 0, 100ms}}.choose(r.of, never); };
    for (auto const access : {access_log::all, access_log::errors_and_slow, access_log::none})
      EXPECT_EQ(chosen(access).why, r.why) << "the recorder does not depend on the access log; status " << r.of.status;
    EXPECT_EQ(chosen(access_log::all).line, 1U);
    EXPECT_EQ(chosen(access_log::errors_and_slow).line, r.why && r.why != noteworthy::refused ? 1U : 0U) << r.of.status;
    EXPECT_EQ(chosen(access_log::none).line, 0U);
  }
}

TEST(log_decision, being_held_is_no_slowness) {
  auto held = record(outcome::held, 404, 25s);
  log_sampler sampler{{access_log::errors_and_slow, 0, 100ms}};
  EXPECT_TRUE(sampler.choose(held, never).why) << "the time before it was held";
  held.hops = hop_ledger{hop::hold, mono_time{}};
  held.hops.stop(mono_time{25s});
  EXPECT_FALSE(sampler.choose(held, never).why);
}

TEST(log_decision, sampled_lines_weigh_as_much_as_the_requests_that_they_represent) {
  for (std::uint64_t const sample : {1U, 2U, 10U, 100U}) {
    std::mt19937_64 random{sample};
    log_sampler chooser{{access_log::errors_and_slow, sample, 1s}};
    double const requests = 200'000;
    std::uint64_t weight = 0;
    for (int i = 0; i < requests; ++i) {
      auto const choice = chooser.choose(record(outcome::hit, 200, 1us), random);
      EXPECT_EQ(choice.line, choice.why ? sample : 0U);
      EXPECT_EQ(choice.why.value_or(noteworthy::sampled), noteworthy::sampled);
      weight += choice.line;
    }
    // Gaps are uniform: the standard deviation of the sum is below sample × √(requests / sample).
    EXPECT_NEAR(static_cast<double>(weight), requests, 4 * std::sqrt(requests * static_cast<double>(sample))) << sample;
  }
}

// With one special request in each batch of ten, sampling must neither always nor never choose that one.
TEST(log_decision, what_comes_at_intervals_is_sampled_like_everything_else) {
  std::mt19937_64 random{1};
  log_sampler chooser{{access_log::errors_and_slow, 10, 1s}};
  std::array<int, 10> taken{};
  for (std::size_t i = 0; i < 100'000; ++i) taken[i % 10] += chooser.choose(record(outcome::hit, 200, 1us), random).why ? 1 : 0;
  for (auto const count : taken) EXPECT_NEAR(count, 1'000, 150);
}

TEST(log_decision, noteworthy_requests_are_never_left_to_chance) {
  std::mt19937_64 random{1};
  log_sampler chooser{{access_log::errors_and_slow, 1'000, 1s}};
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(chooser.choose(record(outcome::failed, 502, 1us), random).line, 1U);
}

TEST(log_decision, refused_requests_are_sampled_as_all_others) {
  std::mt19937_64 random{1};
  log_sampler chooser{{access_log::errors_and_slow, 1, 1s}};
  auto const choice = chooser.choose(record(outcome::rejected, 401, 1us), random);
  EXPECT_EQ(choice.line, 1U);
  EXPECT_EQ(choice.why, noteworthy::refused);
}

TEST(log_decision, a_flood_of_one_fault_gets_its_budget_of_lines_and_every_place_in_the_recorder) {
  auto refused = record(outcome::shed, 429, 1us);
  refused.why = fault::client_limit;
  for (auto const access : {access_log::all, access_log::errors_and_slow, access_log::none}) {
    log_sampler chooser{{access, 0, 1s, 10}};
    int lines = 0;
    for (int i = 0; i < 1'000; ++i) {
      auto const choice = chooser.choose(refused, never);
      EXPECT_EQ(choice.why, noteworthy::failed);
      EXPECT_EQ(choice.weight, 1U);
      lines += choice.line > 0 ? 1 : 0;
    }
    EXPECT_EQ(lines, access == access_log::all ? 1'000 : access == access_log::none ? 0 : 10) << "all means all";
    EXPECT_EQ(chooser.choose(record(outcome::hit, 200, 2s), never).line, access == access_log::none ? 0U : 1U) << "a slow one";
  }
}

TEST(log_decision, with_all_a_sample_goes_to_the_recorder_only) {
  std::mt19937_64 random{1};
  log_sampler chooser{{access_log::all, 1, 1s}};
  auto const choice = chooser.choose(record(outcome::hit, 200, 1us), random);
  EXPECT_EQ(choice.line, 1U);
  EXPECT_EQ(choice.why, noteworthy::sampled);
}

}  // namespace
}  // namespace gateway::log_choice_test
