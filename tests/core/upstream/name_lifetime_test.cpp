// Young addresses are used, old ones are looked up again meanwhile, and for very old ones a request waits a quarter of its time.
#include "core/upstream/name_lifetime.hpp"

#include <gtest/gtest.h>

namespace gateway::test::name_lifetime_test {
namespace {

using namespace std::chrono_literals;

constexpr name_lifetime rules{30s, 5min};
constexpr mono_time looked_up{1h};

TEST(name_lifetime, is_due_after_its_ttl) {
  EXPECT_FALSE(rules.is_due(looked_up, looked_up + 30s - 1ns));
  EXPECT_TRUE(rules.is_due(looked_up, looked_up + 30s));
  EXPECT_TRUE(rules.is_due(mono_time::min(), looked_up)) << "it was never looked up";
}

TEST(name_lifetime, only_very_old_addresses_make_a_request_wait) {
  struct row {
    std::chrono::nanoseconds age;
    std::chrono::nanoseconds waits;
  };
  for (auto const& [age, waits] : {row{0s, 0s}, row{1min, 0s}, row{5min - 1ns, 0s}, row{5min, 2s}, row{24h, 2s}}) {
    auto const now = looked_up + age;
    EXPECT_EQ(rules.waits_until(looked_up, now, now + 8s), now + waits) << age.count();
  }
}

TEST(name_lifetime, a_request_without_time_does_not_wait) {
  auto const now = looked_up + 1h;
  EXPECT_EQ(rules.waits_until(looked_up, now, now), now);
  EXPECT_EQ(rules.waits_until(looked_up, now, now - 1s), now);
}

TEST(name_lifetime, a_ttl_beyond_the_greatest_age_holds_for_both) {
  constexpr name_lifetime long_lived{1h, 1min};
  EXPECT_EQ(long_lived.waits_until(looked_up, looked_up + 2min, looked_up + 1h), looked_up + 2min);
}

}  // namespace
}  // namespace gateway::test::name_lifetime_test
