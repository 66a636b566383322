#include "core/telemetry/request_record.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway::request_record_test {
namespace {

TEST(request_record, how_a_fault_counts) {
  EXPECT_EQ(outcome_of(fault::malformed_header), outcome::rejected);
  EXPECT_EQ(outcome_of(fault::missing_credentials), outcome::rejected);
  EXPECT_EQ(outcome_of(fault::upstream_busy), outcome::shed);
  EXPECT_EQ(outcome_of(fault::too_many_waiters), outcome::shed);
  EXPECT_EQ(outcome_of(fault::upstream_timeout), outcome::failed);
  EXPECT_EQ(outcome_of(fault::upstream_wrong_call), outcome::failed);
  EXPECT_EQ(outcome_of(fault::internal), outcome::failed);
}

TEST(request_record, outcomes_bear_the_contract_s_names) {
  static constexpr std::string_view expected[] = {"hit",    "stale", "negative_hit", "miss", "coalesced",
                                                  "bypass", "held",  "rejected",     "shed", "failed"};
  static_assert(std::size(expected) == outcome_count);
  for (std::size_t i = 0; i < outcome_count; ++i) EXPECT_EQ(name_of(static_cast<outcome>(i)), expected[i]);
}

TEST(request_record, a_failure_is_remembered_by_name) {
  request_record record;
  record.ended = outcome::miss;
  record.fail(fault::upstream_tls);
  EXPECT_EQ(record.ended, outcome::failed);
  EXPECT_EQ(record.why, fault::upstream_tls);
}

TEST(request_record, whatever_a_client_calls_its_method_is_one_of_a_few_words) {
  EXPECT_EQ(name_of(logged_method::none), "");
  for (auto const* known : {"GET", "HEAD", "POST", "OPTIONS"}) EXPECT_EQ(name_of(logged_method_of(known)), known);
  for (auto const* odd : {"get", "DELETE", "GETT", "", "x\"y"}) EXPECT_EQ(name_of(logged_method_of(odd)), "other") << odd;
}

TEST(outcome, is_found_by_its_name) {
  for (std::size_t i = 0; i < outcome_count; ++i) EXPECT_EQ(outcome_named(name_of(static_cast<outcome>(i))), static_cast<outcome>(i));
  EXPECT_FALSE(outcome_named("Hit"));
  EXPECT_FALSE(outcome_named(""));
}

}  // namespace
}  // namespace gateway::request_record_test
