// What a real call tells, without telling which call it was.
#include "core/doctor/live_report.hpp"

#include <gtest/gtest.h>

namespace gateway::live_report_test {
namespace {

auto const call = *call_sid::parse("CA0123456789abcdef0123456789abcdef");
auto const upper = *call_sid::parse("CA0123456789ABCDEF0123456789ABCDEF");

TEST(live_report, each_question_is_its_own_request) {
  auto const text = [](live_question which) { return std::string{live_request(which, "host", call, "Basic x").reveal()}; };
  EXPECT_TRUE(
      text(live_question::plain).starts_with("GET /v1/Voice/CA0123456789abcdef0123456789abcdef/Summary HTTP/1.1\r\nHost: host\r\n"));
  EXPECT_NE(text(live_question::plain).find("\r\nAuthorization: Basic x\r\n"), std::string::npos);
  EXPECT_NE(text(live_question::partial).find("Summary?ProcessingState=partial HTTP"), std::string::npos);
  EXPECT_NE(text(live_question::all).find("Summary?ProcessingState=all HTTP"), std::string::npos);
  EXPECT_NE(text(live_question::other_case).find(upper.view()), std::string::npos);
  EXPECT_NE(text(live_question::gzip).find("Accept-Encoding: gzip\r\n"), std::string::npos);
  EXPECT_NE(text(live_question::plain).find("Accept-Encoding: identity\r\n"), std::string::npos);
  EXPECT_EQ(std::string{live_request(live_question::plain, "host", call, "").reveal()}.find("Authorization"), std::string::npos);
}

TEST(live_report, the_other_case_is_another_spelling_of_the_same_call) {
  EXPECT_EQ(in_other_case(call), upper);
  EXPECT_EQ(in_other_case(upper), call);
  EXPECT_TRUE(same_call(in_other_case(call), call));
}

upstream_answer answered(int status, std::string body) {
  upstream_answer made;
  made.status = status;
  made.body = std::move(body);
  made.fields = {{"Twilio-Request-Id", "RQ1"}, {"Date", "now"}};
  return made;
}

std::string body_of(std::string_view state) {
  return R"({"call_sid":"CA0123456789abcdef0123456789abcdef","processing_state":")" + std::string{state} +
         R"(","end_time":"2026-01-01T00:00:00Z","from":{"caller":"+15550001111"}})";
}

std::array<live_answer, live_questions> all(const upstream_answer& plain, const upstream_answer& partial, const upstream_answer& other) {
  body_reader reader;
  return {note_answer(plain, false, call, reader), note_answer(partial, false, call, reader), note_answer(partial, false, call, reader),
          note_answer(other, false, upper, reader), note_answer(plain, true, call, reader)};
}

TEST(live_report, a_complete_call_shows_which_assumptions_hold) {
  auto const complete = answered(200, body_of("complete"));
  auto const report = live_report(all(complete, complete, complete));
  EXPECT_NE(report.find("holds     ProcessingState=partial of a complete call"), std::string::npos) << report;
  EXPECT_NE(report.find("holds     the case of the SID's digits"), std::string::npos) << report;
  EXPECT_NE(report.find("holds     the body names the call in lower case"), std::string::npos) << report;
  EXPECT_NE(report.find("holds     gzip is given"), std::string::npos) << report;
  EXPECT_NE(report.find("holds     twilio-request-id is sent"), std::string::npos) << report;
  EXPECT_NE(report.find("differs   twilio-concurrent-requests is sent"), std::string::npos) << report;
  EXPECT_NE(report.find("not seen  17002"), std::string::npos) << report;
  for (auto const secret : {"0123456789", "+1555", "RQ1"}) EXPECT_EQ(report.find(secret), std::string::npos) << secret;
}

TEST(live_report, what_differs_is_said) {
  auto const complete = answered(200, body_of("complete"));
  auto const report = live_report(all(complete, answered(404, R"({"code":20404})"), answered(404, R"({"code":20404})")));
  EXPECT_NE(report.find("differs   ProcessingState=partial of a complete call gives the complete summary: 404/20404"), std::string::npos)
      << report;
  EXPECT_NE(report.find("differs   the case of the SID's digits does not matter: 404/20404"), std::string::npos) << report;
}

TEST(live_report, refusals_are_judged_by_their_code) {
  struct {
    int status, code;
    const char* said;
  } const table[] = {
      {403, 17000, "holds     17000"},
      {401, 17000, "differs   17000"},
      {404, 17002, "holds     17002"},
      {400, 17002, "holds     17002"},
      {410, 17002, "differs   17002"},
      {404, 17001, "holds     17001 (not complete) is 404"},
      {404, 17001, "holds     before it is complete"},
      {404, 17001, "holds     17001 names no Retry-After"},
  };
  for (auto const& row : table) {
    auto const refused = answered(row.status, R"({"code":)" + std::to_string(row.code) + "}");
    auto const report = live_report(all(refused, refused, refused));
    EXPECT_NE(report.find(row.said), std::string::npos) << row.code << "\n" << report;
  }
  live_answer none;
  none.failed = fault::upstream_timeout;
  auto const report = live_report({none, none, none, none, none});
  EXPECT_EQ(report.find("holds"), std::string::npos) << report;
}

}  // namespace
}  // namespace gateway::live_report_test
