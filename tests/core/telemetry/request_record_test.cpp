#include "core/telemetry/request_record.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway {
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
  static constexpr std::string_view expected[] = {"hit",    "stale",    "negative_hit", "miss",  "coalesced",
                                                  "bypass", "rejected", "shed",         "failed"};
  static_assert(std::size(expected) == outcome_count);
  for (std::size_t i = 0; i < outcome_count; ++i) EXPECT_EQ(name_of(static_cast<outcome>(i)), expected[i]);
}

using namespace std::chrono_literals;

TEST(request_record, a_line_of_the_access_log) {
  request_record record;
  record.ended = outcome::miss;
  record.status = 200;
  record.request_id = "id-1";
  record.hops = hop_ledger{hop::lookup, mono_time{}};
  record.hops.enter(hop::first_byte, mono_time{} + 12'900ns);
  record.hops.stop(mono_time{} + 5ms);
  EXPECT_EQ(access_line(record, wall_time{1'767'918'889'123'456'789ns}),
            R"({"type":"access","time_us":1767918889123456,"request_id":"id-1","outcome":"miss","status":200,"duration_us":5000,)"
            R"("hops_us":{"lookup":12,"first_byte":4987}})");
}

TEST(request_record, a_failed_request_s_line_names_its_fault) {
  request_record record;
  record.fail(fault::upstream_tls);
  record.status = 502;
  EXPECT_EQ(
      access_line(record, wall_time{}),
      R"({"type":"access","time_us":0,"request_id":"","outcome":"failed","status":502,"fault":"upstream_tls","duration_us":0,"hops_us":{}})");
}

TEST(request_record, a_line_stays_one_line) {
  request_record record;
  record.request_id = "a\"\n\x1b[31m";
  EXPECT_NE(access_line(record, wall_time{}).find(R"("request_id":"a\"\u000a\u001b[31m")"), std::string::npos);
}

TEST(request_record, a_failure_is_remembered_by_name) {
  request_record record;
  record.ended = outcome::miss;
  record.fail(fault::upstream_tls);
  EXPECT_EQ(record.ended, outcome::failed);
  EXPECT_EQ(record.why, fault::upstream_tls);
}

}  // namespace
}  // namespace gateway
