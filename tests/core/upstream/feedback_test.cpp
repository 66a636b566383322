// The feedback of an exchange for the upstream limiter.
#include "core/upstream/feedback.hpp"

#include <gtest/gtest.h>

#include "answers.hpp"

namespace gateway::feedback_test {
namespace {

using namespace std::chrono_literals;
using outcome = exchange_outcome;

constexpr wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 25}};

exchange_feedback told(const upstream_answer& answer) {
  body_reader reader;
  auto const meaning = judge_answer(answer, asked(), reader);
  return feedback_of(answer, meaning, evidence_of(answer.status, meaning), now, 30s);
}

TEST(feedback, by_status) {
  struct row {
    int status, code;
    outcome expected;
  };
  static constexpr row rows[] = {
      {404, 17001, outcome::accepted}, {404, 20404, outcome::accepted},  {401, 20003, outcome::accepted}, {403, 17000, outcome::accepted},
      {400, 20001, outcome::accepted}, {429, 20429, outcome::throttled}, {429, 0, outcome::throttled},    {400, 20429, outcome::throttled},
      {500, 17008, outcome::failed},   {503, 0, outcome::failed},        {599, 0, outcome::failed},       {302, 0, outcome::failed},
  };
  for (auto const& one : rows)
    EXPECT_EQ(told(made_answer(one.status, error_body(one.code))).is, one.expected) << one.status << " " << one.code;
}

TEST(feedback, a_body_that_cannot_be_believed_is_an_answer_all_the_same) {
  EXPECT_EQ(told(made_answer(200, summary_body(R"(,"processing_state":"complete")"))).is, outcome::accepted);
  EXPECT_EQ(told(made_answer(200, "{}")).is, outcome::accepted);
  EXPECT_EQ(told(made_answer(200, "<html>")).is, outcome::accepted);
  for (auto const why : {fault::upstream_unusable_body, fault::upstream_body_too_large, fault::large_answers, fault::upstream_wrong_call,
                         fault::upstream_wrong_account, fault::loop})
    EXPECT_EQ(feedback_of(why).is, outcome::accepted) << name_of(why);
}

TEST(feedback, no_answer_is_a_failure) {
  for (auto const why : {fault::upstream_timeout, fault::upstream_unreachable, fault::upstream_tls, fault::upstream_protocol,
                         fault::upstream_unexpected_status})
    EXPECT_EQ(feedback_of(why).is, outcome::failed) << name_of(why);
}

TEST(feedback, without_a_connection_it_is_a_failure_of_the_host) {
  for (auto const why : {fault::upstream_timeout, fault::upstream_unreachable, fault::upstream_tls, fault::egress_unreachable,
                         fault::egress_refused, fault::egress_auth})
    EXPECT_EQ(feedback_of(why, false).is, outcome::unreachable) << name_of(why);
}

TEST(feedback, what_an_answer_says_of_the_credential) {
  using credential = exchange_feedback::credential;
  EXPECT_EQ(told(made_answer(404, error_body(17001))).who, credential::accepted);
  EXPECT_EQ(told(made_answer(403, error_body(17000))).who, credential::accepted);
  EXPECT_EQ(told(made_answer(401, error_body(20003))).who, credential::refused);
  for (auto const status : {400, 429, 500, 302}) EXPECT_EQ(told(made_answer(status, error_body(0))).who, credential::unknown) << status;
}

TEST(feedback, a_retry_after_counts_on_a_429_and_a_503_and_up_to_a_bound) {
  EXPECT_EQ(told(made_answer(429, error_body(20429), {{"Retry-After", "7"}})).retry_after, 7s);
  EXPECT_EQ(told(made_answer(429, error_body(20429), {{"Retry-After", "561635"}})).retry_after, 30s);
  EXPECT_EQ(told(made_answer(429, error_body(20429), {{"Retry-After", "soon"}})).retry_after, 0s);
  EXPECT_EQ(told(made_answer(429, error_body(20429))).retry_after, 0s);
  EXPECT_EQ(told(made_answer(503, "", {{"Retry-After", "7"}})).retry_after, 7s);
  EXPECT_EQ(told(made_answer(503, "", {{"Retry-After", "561635"}})).retry_after, 30s);
  EXPECT_EQ(told(made_answer(503, "")).retry_after, 0s);
  EXPECT_EQ(told(made_answer(400, error_body(20429), {{"Retry-After", "7"}})).retry_after, 7s);
  for (int const status : {200, 302, 404, 500, 502})
    EXPECT_EQ(told(made_answer(status, "", {{"Retry-After", "7"}})).retry_after, 0s) << status;
}

TEST(feedback, the_reported_load_is_read_from_any_answer) {
  EXPECT_EQ(told(made_answer(404, error_body(17001), {{"Twilio-Concurrent-Requests", "12"}})).reported_load, 12U);
  EXPECT_EQ(told(made_answer(429, error_body(20429), {{"Twilio-Concurrent-Requests", "11"}})).reported_load, 11U);
  EXPECT_EQ(told(made_answer(404, error_body(17001), {{"Twilio-Concurrent-Requests", "many"}})).reported_load, std::nullopt);
}

TEST(feedback, every_reason_to_shed_has_a_fault_of_its_kind) {
  for (std::size_t i = 0; i < shed_reason_count; ++i) EXPECT_TRUE(is_shed(fault_of(static_cast<shed_reason>(i))));
  EXPECT_EQ(fault_of(shed_reason::cooling_down), fault::upstream_cooling_down);
  EXPECT_EQ(fault_of(shed_reason::failing), fault::upstream_failing);
}

}  // namespace
}  // namespace gateway::feedback_test
