// The estimates of core/shadow beside gateways that have those policies.
#include "core/shadow/shadow_sample.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "shadow/played_gateway.hpp"

namespace gateway::shadow_test {
namespace {

using namespace std::chrono_literals;

short_hash_key key_number(std::uint8_t seed) {
  short_hash_key key{};
  key.fill(std::byte{seed});
  return key;
}

struct comparison {
  std::vector<played_gateway> real;  // the first one has the present policy, and the shadow
  shadow_sample shadow;
};

// The same requests to a gateway with a shadow, and to one gateway for each of its other policies.
comparison play(const std::vector<shadow_policy>& policies, std::uint8_t seed, std::size_t requests, const std::function<asked()>& next,
                bool leaves_out_repeats = false) {
  comparison made{{}, shadow_sample{policies, at({})}};
  for (auto const& one : policies) made.real.emplace_back(one, key_number(seed), made.real.empty() ? &made.shadow : nullptr);
  made.real.front().leaves_out_repeats = leaves_out_repeats;
  for (std::size_t i = 0; i < requests; ++i) {
    auto const one = next();
    for (auto& gateway : made.real) gateway.ask(one);
  }
  return made;
}

std::vector<shadow_policy> some_policies() {
  return {policy_of(2 * mib), policy_of(1 * mib), policy_of(20 * mib), policy_of(2 * mib, 20s)};
}

TEST(shadow_sample, is_exact_while_each_call_is_sampled) {
  for (std::uint8_t seed = 1; seed <= 2; ++seed) {
    zipf calls{9'999, 0.4 + 0.3 * seed, seed};
    std::mt19937_64 random{seed};
    std::chrono::nanoseconds when{};
    auto const played = play(some_policies(), seed, 9'000, [&] {
      when += std::chrono::milliseconds{random() % 200};
      return asked{calls.next(), 1, when, random() % 50 == 0};
    });
    EXPECT_EQ(played.shadow.rate(), 1);
    for (std::size_t i = 0; i < played.real.size(); ++i) {
      auto const& estimate = played.shadow.policies()[i].counted();
      auto const& real = played.real[i].counted;
      EXPECT_EQ(estimate.requests, real.requests);
      EXPECT_EQ(estimate.answered, real.answered) << "policy " << i << ", seed " << int{seed};
      EXPECT_EQ(estimate.calls, real.calls) << "policy " << i << ", seed " << int{seed};
    }
    EXPECT_NE(played.real[1].counted.answered, played.real[2].counted.answered)
        << "the policies must differ for a comparison to mean anything";
    EXPECT_NE(played.real[0].counted.calls, played.real[3].counted.calls);
  }
}

TEST(shadow_sample, errs_by_two_points_at_most_beyond) {
  for (double const skew : {0.7, 0.9, 1.1}) {
    zipf calls{150'000, skew, 7};
    std::chrono::nanoseconds when{};
    auto const played = play(some_policies(), 3, skew > 1 ? 70'000 : 40'000, [&] {
      when += 20ms;
      return asked{calls.next(), 1, when};
    });
    EXPECT_LT(played.shadow.rate(), 1) << skew;
    EXPECT_LE(played.shadow.calls(), shadow_sample::most_calls);
    for (std::size_t i = 0; i < played.real.size(); ++i) {
      auto const& estimate = played.shadow.policies()[i].counted();
      auto const& real = played.real[i];
      EXPECT_NEAR(hit_ratio(estimate, real.counted.requests), real.ratio(), 0.02) << "policy " << i << ", skew " << skew;
      EXPECT_NEAR(estimate.calls / real.counted.requests, real.counted.calls / real.counted.requests, 0.02)
          << "policy " << i << ", skew " << skew;
    }
  }
}

TEST(shadow_sample, needs_no_repeats) {
  for (double const skew : {0.9, 1.3}) {
    for (auto const between : {5'000us, 30'000us}) {
      zipf calls{9'000, skew, 5};
      std::chrono::nanoseconds when{};
      auto const played = play(
          some_policies(), 5, 20'000,
          [&] {
            when += between;
            return asked{calls.next(), static_cast<std::uint8_t>(1 + when / between % 2), when};
          },
          true);
      auto const all = played.real[0].counted.requests;
      EXPECT_GT(played.real[0].repeated, 0);
      for (std::size_t i = 0; i < played.real.size(); ++i) {
        auto const& estimate = played.shadow.policies()[i].counted();
        EXPECT_EQ(estimate.requests + played.real[0].repeated, all);
        EXPECT_NEAR((estimate.answered + played.real[0].repeated) / all, played.real[i].ratio(), 0.003)
            << "policy " << i << ", skew " << skew << ", " << between.count() << " us between requests";
      }
    }
  }
}

TEST(shadow_sample, repeats_come_long_before_an_answer_is_old_or_evicted) {
  auto small = shadow_sample{{policy_of(1 * mib), policy_of(1 * mib, 32s)}, at({})};
  sighting seen;
  EXPECT_EQ(small.repeats_within(), 0s) << "nothing has been seen";
  seen.at = at(4s);
  small.take(seen);
  EXPECT_EQ(small.repeats_within(), 500ms) << "an eighth of the time that it has seen";
  seen.at = at(1min);
  small.take(seen);
  EXPECT_EQ(small.repeats_within(), 1s) << "a 32nd of the shortest fresh_for";
  auto large = shadow_sample{{policy_of(1 * mib)}, at({})};
  seen.at = at(24h);
  large.take(seen);
  EXPECT_EQ(large.repeats_within(), shadow_sample::longest_repeat);
  seen.owner = seen.place = 1;
  seen.answer.cost = mib / 2;
  seen.answer.gone_at = at(24h);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    seen.call = i;
    seen.at = at(1min + i * 1600ms);
    seen.is = sighting::event::missed;
    small.take(seen);
    seen.is = sighting::event::stored;
    small.take(seen);
  }
  EXPECT_EQ(small.repeats_within(), 100ms) << "the first one left 3.2 s after its last use";
}

TEST(shadow_sample, lowers_its_rate_and_stays_within_its_bounds) {
  auto shadow = shadow_sample{{policy_of(1'000 * mib), policy_of(1 * mib)}, at({})};
  sighting seen;
  std::mt19937_64 random{1};
  constexpr std::uint64_t calls = 60'000;
  auto before = shadow.threshold();
  std::uint64_t sampled = 0;
  for (std::uint64_t i = 1; i <= calls; ++i) {
    seen.call = random();
    seen.owner = seen.place = 1 + i % 7;
    seen.at = at(std::chrono::microseconds{i});
    seen.answer.cost = 1000;
    seen.answer.gone_at = at(24h);
    seen.is = sighting::event::missed;
    sampled += place_in_sample(seen.call) < shadow.threshold();
    shadow.take(seen);
    seen.is = sighting::event::stored;
    shadow.take(seen);
    ASSERT_LE(shadow.calls(), shadow_sample::most_calls);
    ASSERT_LE(shadow.threshold(), before) << "it never rises";
    before = shadow.threshold();
  }
  EXPECT_NEAR(shadow.rate(), shadow_sample::most_calls / double{calls}, 0.01);
  EXPECT_EQ(shadow.policies()[0].size(), shadow_sample::most_calls);
  auto const scaled = shadow.rate() * 1 * mib;
  EXPECT_NEAR(static_cast<double>(shadow.policies()[1].size()) * 1000, scaled, 1000) << "a small cache holds its part, too";
  EXPECT_NEAR(shadow.policies()[0].counted().requests, double{calls}, 2'000) << "sampled ones stand for the others";
  EXPECT_LT(sampled, 40'000u) << "only they are looked at";
}

TEST(shadow_sample, many_credentials_of_one_call_are_bounded_too) {
  auto shadow = shadow_sample{{policy_of(1'000 * mib)}, at({})};
  sighting seen;
  seen.answer.cost = 1;
  seen.answer.gone_at = at(24h);
  for (std::uint64_t i = 0; i < 40'000; ++i) {
    seen.call = (i % 10'000 + 1) * 0xD6E8'FEB8'6659'FD93U;
    seen.owner = seen.place = i / 10'000 + 1;
    seen.at = at(std::chrono::microseconds{i});
    seen.is = sighting::event::missed;
    shadow.take(seen);
    seen.is = sighting::event::stored;
    shadow.take(seen);
    ASSERT_LE(shadow.policies()[0].size(), shadow_sample::most_entries);
  }
  EXPECT_LT(shadow.rate(), 1);
}

TEST(shadow_sample, what_was_stored_before_it_began_is_no_miss) {
  auto shadow = shadow_sample{{policy_of(4 * mib), policy_of(4 * mib, 1min)}, at(1h)};
  sighting seen;
  seen.call = 5;
  seen.owner = seen.place = 1;
  seen.at = at(61min);
  seen.is = sighting::event::answered;
  seen.answer.cost = 1000;
  seen.answer.stored_at = at(59min);
  seen.answer.gone_at = at(24h);
  shadow.take(seen);
  EXPECT_EQ(shadow.policies()[0].counted().answered, 1);
  EXPECT_EQ(shadow.policies()[0].counted().calls, 0);
  EXPECT_EQ(shadow.policies()[1].counted().answered, 1) << "stale there";
  EXPECT_EQ(shadow.policies()[1].counted().calls, 1) << "and refreshed";
}

TEST(shadow_sample, forgets_what_no_policy_would_hold) {
  auto shadow = shadow_sample{{policy_of(1 * mib)}, at({})};
  sighting seen;
  seen.owner = seen.place = 1;
  seen.answer.cost = 1000;
  seen.answer.gone_at = at(24h);
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    seen.call = i * 0xD6E8'FEB8'6659'FD93U;
    seen.at = at(std::chrono::milliseconds{i});
    seen.is = sighting::event::missed;
    shadow.take(seen);
    seen.is = sighting::event::stored;
    shadow.take(seen);
  }
  EXPECT_EQ(shadow.calls(), 10'000u);
  shadow.forget_unheld();
  EXPECT_EQ(shadow.calls(), mib / 1000);
  EXPECT_EQ(shadow.rate(), 1);
}

TEST(shadow_sample, a_purge_is_one_of_each_policy) {
  auto shadow = shadow_sample{{policy_of(4 * mib), policy_of(2 * mib)}, at({})};
  sighting seen;
  seen.call = 5;
  seen.owner = seen.place = 1;
  seen.answer.gone_at = at(24h);
  auto const ask_all = [&] {
    seen.is = sighting::event::missed;
    shadow.take(seen);
    seen.is = sighting::event::stored;
    shadow.take(seen);
  };
  ask_all();
  ask_all();
  EXPECT_EQ(shadow.policies()[1].counted().answered, 1);
  shadow.purge(6);
  ask_all();
  EXPECT_EQ(shadow.policies()[1].counted().answered, 2) << "another call";
  shadow.purge(5);
  ask_all();
  EXPECT_EQ(shadow.policies()[1].counted().answered, 2);
  shadow.purge_all();
  ask_all();
  EXPECT_EQ(shadow.policies()[0].counted().answered, 2);
  EXPECT_EQ(shadow.policies()[0].counted().calls, 3);
}

TEST(hit_ratio, counts_what_the_sample_has_too_few_or_too_many_as_hits) {
  EXPECT_EQ(hit_ratio({0, 0, 0}, 0), 0);
  EXPECT_DOUBLE_EQ(hit_ratio({100, 60, 40}, 100), 0.6);
  EXPECT_DOUBLE_EQ(hit_ratio({80, 40, 40}, 100), 0.6) << "a call that is asked for often is not in it";
  EXPECT_DOUBLE_EQ(hit_ratio({120, 80, 40}, 100), 0.6) << "it is, and stands for more than itself";
  EXPECT_EQ(hit_ratio({300, 10, 290}, 100), 0) << "no share is below 0";
}

}  // namespace
}  // namespace gateway::shadow_test
