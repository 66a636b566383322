// Many clients in a table of fixed size.
#include "core/limit/client_buckets.hpp"

#include <gtest/gtest.h>

namespace gateway::client_buckets_test {
namespace {

using namespace std::chrono_literals;

constexpr token_rate two_a_minute{2, 1min};
const mono_time start{1000h};

TEST(client_buckets, each_client_has_its_own) {
  client_buckets buckets{100};
  for (std::uint64_t who = 1; who <= 20; ++who) {
    EXPECT_TRUE(buckets.take(who, two_a_minute, start).allowed);
    EXPECT_TRUE(buckets.take(who, two_a_minute, start).allowed);
    EXPECT_FALSE(buckets.take(who, two_a_minute, start).allowed);
  }
}

TEST(client_buckets, a_crowd_pushes_out_those_who_owe_least) {
  client_buckets buckets{4};
  for (int i = 0; i < 2; ++i) buckets.take(1, two_a_minute, start);
  for (std::uint64_t who = 2; who < 10'000; ++who) EXPECT_TRUE(buckets.take(who, two_a_minute, start).allowed);
  EXPECT_FALSE(buckets.take(1, two_a_minute, start).allowed) << "who has spent everything is remembered";
}

}  // namespace
}  // namespace gateway::client_buckets_test
