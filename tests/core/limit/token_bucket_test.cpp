// Tokens are spent and come back with time, and the state reported to clients is true.
#include "core/limit/token_bucket.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gateway::token_bucket_test {
namespace {

using namespace std::chrono_literals;

constexpr token_rate five_per_second{5, 1s};
const mono_time start{1000h};

TEST(token_bucket, a_whole_bucket_at_once_and_then_no_more) {
  token_bucket bucket;
  for (std::uint64_t left = 5; left > 0; --left) {
    auto const decision = bucket.take(five_per_second, start);
    EXPECT_TRUE(decision.allowed);
    EXPECT_EQ(decision.remaining, left - 1);
  }
  auto const refused = bucket.take(five_per_second, start);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0u);
  EXPECT_EQ(refused.retry_in, 200ms);
  EXPECT_EQ(refused.full_in, 1s);
}

TEST(token_bucket, the_time_it_names_is_when_it_works_again) {
  token_bucket bucket;
  for (int i = 0; i < 5; ++i) bucket.take(five_per_second, start);
  auto const retry_in = bucket.take(five_per_second, start).retry_in;
  EXPECT_FALSE(bucket.take(five_per_second, start + retry_in - 1ns).allowed);
  EXPECT_TRUE(bucket.take(five_per_second, start + retry_in).allowed);
}

TEST(token_bucket, a_refusal_costs_nothing) {
  token_bucket bucket;
  for (int i = 0; i < 5; ++i) bucket.take(five_per_second, start);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(bucket.take(five_per_second, start).allowed);
  EXPECT_TRUE(bucket.take(five_per_second, start + 200ms).allowed);
}

TEST(token_bucket, never_more_than_the_bucket_and_what_came_back) {
  std::mt19937_64 random{7};
  for (int round = 0; round < 50; ++round) {
    token_rate const rate{1 + random() % 50, std::chrono::milliseconds{100 + random() % 10'000}};
    token_bucket bucket;
    auto now = start;
    std::uint64_t taken = 0;
    for (int i = 0; i < 2'000; ++i) {
      now += std::chrono::microseconds{random() % 100'000};
      if (bucket.take(rate, now).allowed) ++taken;
      auto const earned = static_cast<double>(rate.tokens) * (std::chrono::duration<double>(now - start) / rate.per + 1);
      ASSERT_LE(static_cast<double>(taken), earned + 1e-6);
    }
  }
}

TEST(token_bucket, more_tokens_than_nanoseconds) {
  token_bucket bucket;
  EXPECT_TRUE(bucket.take({10'000'000'000, 1s}, start).allowed);
}

TEST(token_bucket, fields) {
  token_bucket bucket;
  std::string out;
  append_rate_limit(out, {600, 1min}, bucket.take({600, 1min}, start));
  EXPECT_EQ(out, "RateLimit-Policy: \"client\";q=600;w=60\r\nRateLimit: \"client\";r=599;t=1\r\n");
}

}  // namespace
}  // namespace gateway::token_bucket_test
