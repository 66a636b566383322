#include "core/telemetry/quantile.hpp"

#include <gtest/gtest.h>

namespace gateway::quantile_test {
namespace {

using namespace std::chrono_literals;

// Buckets: … 100 µs, 250 µs, 500 µs, 1 ms … 30 s, beyond.
constexpr std::size_t upto_250us = 4, upto_500us = 5, beyond = duration_bounds.size();

duration_buckets counted(std::initializer_list<std::pair<std::size_t, std::uint64_t>> some) {
  duration_buckets made{};
  for (auto const& [bucket, count] : some) made[bucket] = count;
  return made;
}

TEST(quantile, of_nothing_is_nothing) {
  EXPECT_EQ(quantile({}, 0.5), std::nullopt);
  EXPECT_EQ(quantile_bucket({}, 1), std::nullopt);
}

TEST(quantile, lies_within_its_bucket_in_proportion) {
  auto const one_bucket = counted({{upto_250us, 100}});
  EXPECT_EQ(quantile(one_bucket, 0.5), 175us);
  EXPECT_EQ(quantile(one_bucket, 1), 250us);
  EXPECT_EQ(quantile(counted({{0, 4}}), 0.5), 5us);
}

TEST(quantile, skips_buckets_that_are_empty) {
  auto const two = counted({{upto_250us, 90}, {upto_500us, 10}});
  struct row {
    double q;
    std::chrono::nanoseconds value;
    std::size_t bucket;
  };
  static constexpr row rows[] = {{0.45, 175us, upto_250us}, {0.9, 250us, upto_250us}, {0.95, 375us, upto_500us}, {1, 500us, upto_500us}};
  for (auto const& r : rows) {
    EXPECT_EQ(quantile(two, r.q), r.value) << r.q;
    EXPECT_EQ(quantile_bucket(two, r.q), r.bucket) << r.q;
  }
  EXPECT_EQ(quantile_bucket(counted({{1, 1}, {beyond, 1}}), 0.5), 1u);
  EXPECT_EQ(quantile_bucket(counted({{1, 1}, {beyond, 1}}), 0.51), beyond);
}

TEST(quantile, knows_nothing_beyond_the_last_bound) { EXPECT_EQ(quantile(counted({{beyond, 3}}), 0.5), 30s); }

// Like rate(histogram_quantile()) in Prometheus: one slow request among very many affects only the last rank.
TEST(quantile, one_slow_request_in_ten_thousand_is_the_slowest) {
  auto const many = counted({{0, 9'999}, {beyond - 3, 1}});
  EXPECT_LE(*quantile(many, 0.9999), 10us);
  EXPECT_EQ(quantile(many, 1), 5s);
}

}  // namespace
}  // namespace gateway::quantile_test
