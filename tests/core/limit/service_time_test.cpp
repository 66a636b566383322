// The duration of an exchange, and the part of a request's time that is reserved for it.
#include "core/limit/service_time.hpp"

#include <gtest/gtest.h>

namespace gateway::test::service_time_test {
namespace {

using namespace std::chrono_literals;

TEST(service_time, half_is_reserved_while_nothing_is_known) { EXPECT_EQ(service_time().reserve(8s), 4s); }

TEST(service_time, steady_answers_need_little_more_than_their_time) {
  service_time seen;
  for (int i = 0; i < 100; ++i) seen.observe(200ms);
  EXPECT_NEAR(std::chrono::duration<double>(seen.mean()).count(), 0.2, 0.001);
  EXPECT_LT(seen.reserve(8s), 210ms);
  EXPECT_GE(seen.reserve(8s), 200ms);
}

TEST(service_time, varying_ones_need_more) {
  service_time seen;
  for (int i = 0; i < 100; ++i) seen.observe(i % 2 == 0 ? 100ms : 300ms);
  EXPECT_GT(seen.reserve(8s), 500ms);
}

TEST(service_time, never_more_than_half) {
  service_time seen;
  for (int i = 0; i < 100; ++i) seen.observe(7s);
  EXPECT_EQ(seen.reserve(8s), 4s);
}

}  // namespace
}  // namespace gateway::test::service_time_test
