// The response fields that show clients the upstream's limit.
#include "core/limit/concurrency_fields.hpp"

#include <gtest/gtest.h>

namespace gateway::test::concurrency_fields_test {
namespace {

std::string fields(const upstream_limiter::share& share, std::chrono::seconds wait = {}) {
  std::string out;
  append_concurrency(out, share, wait);
  return out;
}

TEST(concurrency_fields, say_the_limit_and_what_is_left_of_it) {
  EXPECT_EQ(fields({10, 3}), "RateLimit-Policy: \"upstream\";q=10;qu=\"concurrent-requests\"\r\nRateLimit: \"upstream\";r=7\r\n");
  EXPECT_EQ(fields({10, 12}), "RateLimit-Policy: \"upstream\";q=10;qu=\"concurrent-requests\"\r\nRateLimit: \"upstream\";r=0\r\n");
}

TEST(concurrency_fields, whoever_is_sent_away_is_told_until_when_nothing_is_left) {
  EXPECT_EQ(fields({10, 3}, std::chrono::seconds{4}),
            "RateLimit-Policy: \"upstream\";q=10;qu=\"concurrent-requests\"\r\nRateLimit: \"upstream\";r=0;t=4\r\n");
}

}  // namespace
}  // namespace gateway::test::concurrency_fields_test
