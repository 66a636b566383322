#include "core/request/summary_request.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway::summary_request_test {
namespace {

#define SID "CA0123456789abcdefABCDEF0123456789"

struct row {
  std::string_view method;
  std::string_view target;
  std::string_view expected;  // "get complete", or the fault's name
};

std::string understood(std::string_view method, std::string_view target, unknown_parameters others = unknown_parameters::refused) {
  request_head head;
  head.method = method;
  auto const mark = target.find('?');
  head.path = target.substr(0, mark);
  if (mark != std::string_view::npos) head.query = target.substr(mark + 1);
  auto const request = parse_summary_request(parse_route(head.path), head, others);
  if (!request) return std::string{name_of(request.error())};
  EXPECT_EQ(request->call.view(), SID);
  std::string text = request->method == summary_method::get ? "get " : request->method == summary_method::head ? "head " : "options ";
  return text.append(name_of(request->state)).append(request->has_unknown ? " uncached" : "");
}

// The table of the data listener in the contract.
TEST(summary_request, contract) {
  static constexpr row rows[] = {
      {"GET", "/v1/Voice/" SID "/Summary", "get absent"},
      {"HEAD", "/v1/Voice/" SID "/Summary", "head absent"},
      {"OPTIONS", "/v1/Voice/" SID "/Summary", "options absent"},
      {"GET", "/v1/Voice/" SID "/Summary?", "get absent"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=complete", "get complete"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=partial", "get partial"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=all", "get all"},

      // Twilio takes these spellings of the same questions.
      {"GET", "/v1/Voice/" SID "/Summary?&", "get absent"},
      {"GET", "/v1/Voice/" SID "/Summary?&&", "get absent"},
      {"GET", "/v1/Voice/" SID "/Summary?&ProcessingState=partial", "get partial"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=all&", "get all"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=", "get absent"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState", "get absent"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=%63omplete", "get complete"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=%70artial", "get partial"},
      {"GET", "/v1/Voice/" SID "/Summary?Processing%53tate=%61%6C%6c", "get all"},
      {"GET", "/v1/Voice/" SID "/Summary?Page=0&PageSize=50", "get absent"},
      {"GET", "/v1/Voice/" SID "/Summary?PageSize=50&ProcessingState=all&P%61ge=", "get all"},

      {"POST", "/v1/Voice/" SID "/Summary", "method_not_allowed"},
      {"PUT", "/nowhere", "method_not_allowed"},
      {"CONNECT", "", "method_not_allowed"},
      {"get", "/v1/Voice/" SID "/Summary", "method_not_allowed"},
      {"PURGE", "/v1/Voice/" SID "/Summary", "method_not_allowed"},

      {"GET", "/", "no_such_route"},
      {"GET", "", "no_such_route"},
      {"GET", "/v1/Voice/Summary", "no_such_route"},
      {"GET", "/v1/Voice/Summaries", "no_such_route"},
      {"GET", "/v1/Voice/Settings", "no_such_route"},
      {"GET", "/v1/Voice/" SID, "no_such_route"},
      {"GET", "/v1/Voice/" SID "/Annotation", "no_such_route"},
      {"GET", "/v1/Voice/" SID "/Events", "no_such_route"},
      {"GET", "/v2/Voice/" SID "/Summary", "no_such_route"},
      {"GET", "/v1/voice/" SID "/Summary", "no_such_route"},
      {"GET", "/v1/Voice/" SID "/summary", "no_such_route"},
      {"GET", "/v1/Voice/" SID "/Summary/", "no_such_route"},
      {"GET", "/v1/Voice/" SID "/Summary/x.css", "no_such_route"},
      {"GET", "/v1/Voice/" SID "/Summary;x.css", "no_such_route"},
      {"GET", "/v1/Voice/" SID "/Summary%3fProcessingState=partial", "no_such_route"},
      {"GET", "//v1/Voice/" SID "/Summary", "no_such_route"},
      {"GET", "/v1/Voice/x/" SID "/Summary", "no_such_route"},
      {"GET", "/v1/Voice/" SID "//Summary", "no_such_route"},
      {"GET", "/v1/Voice/../Voice/" SID "/Summary", "no_such_route"},
      {"GET", "/v1%2fVoice/" SID "/Summary", "no_such_route"},

      {"GET", "/v1/Voice//Summary", "invalid_call_sid"},
      {"GET", "/v1/Voice/CA123/Summary", "invalid_call_sid"},
      {"GET", "/v1/Voice/" SID "0/Summary", "invalid_call_sid"},
      {"GET", "/v1/Voice/" SID ";x/Summary", "invalid_call_sid"},
      {"GET", "/v1/Voice/" SID "%2fSummary/Summary", "invalid_call_sid"},
      {"GET", "/v1/Voice/%43A0123456789abcdefABCDEF0123456789/Summary", "invalid_call_sid"},
      {"GET", "/v1/Voice/ca0123456789abcdefABCDEF0123456789/Summary", "invalid_call_sid"},
      {"GET", "/v1/Voice/RE0123456789abcdefABCDEF0123456789/Summary", "invalid_call_sid"},
      {"GET", "/v1/Voice/CAg123456789abcdefABCDEF0123456789/Summary", "invalid_call_sid"},

      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=COMPLETE", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=absent", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=complete+", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=complete;partial", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=all&ProcessingState=partial", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=all&ProcessingState=all", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=all&Processing%53tate=all", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=&ProcessingState=all", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=all%00", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=%2570artial", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=partial%26Page=1", "invalid_processing_state"},

      {"GET", "/v1/Voice/" SID "/Summary?processingstate=all", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?x=1", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=all&x=1", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?x=1&ProcessingState=all", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary??ProcessingState=all", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?=all", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?Page=0&Page=0", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?Page=0&P%61ge=0", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?Page=%0d%0aX:1", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?Page%7f=1", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?page=1", "unknown_parameter"},
  };
  for (auto const& r : rows) EXPECT_EQ(understood(r.method, r.target), r.expected) << r.method << " " << r.target;
}

TEST(summary_request, unknown_parameters_may_pass_but_nothing_else_changes) {
  static constexpr row rows[] = {
      {"GET", "/v1/Voice/" SID "/Summary?x=1", "get absent uncached"},
      {"HEAD", "/v1/Voice/" SID "/Summary?=all", "head absent uncached"},
      {"GET", "/v1/Voice/" SID "/Summary?x=1&x=2&ProcessingState=%61ll", "get all uncached"},
      {"GET", "/v1/Voice/" SID "/Summary?Page=1", "get absent"},

      {"GET", "/v1/Voice/" SID "/Summary?x=1&ProcessingState=final", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?ProcessingState=all&x=1&ProcessingState=all", "invalid_processing_state"},
      {"GET", "/v1/Voice/" SID "/Summary?x=%00", "unknown_parameter"},
      {"GET", "/v1/Voice/" SID "/Summary?%0ax", "unknown_parameter"},
      {"GET", "/v1/Voice/CA123/Summary?x=1", "invalid_call_sid"},
  };
  for (auto const& r : rows)
    EXPECT_EQ(understood(r.method, r.target, unknown_parameters::passed_uncached), r.expected) << r.method << " " << r.target;
}

TEST(summary_request, there_is_one_spelling_upstream) {
  auto const call = *call_sid::parse(SID);
  EXPECT_EQ(summary_target(call, processing_state::absent), "/v1/Voice/" SID "/Summary");
  EXPECT_EQ(summary_target(call, processing_state::complete), "/v1/Voice/" SID "/Summary?ProcessingState=complete");
  EXPECT_EQ(summary_target(call, processing_state::partial), "/v1/Voice/" SID "/Summary?ProcessingState=partial");
  EXPECT_EQ(summary_target(call, processing_state::all), "/v1/Voice/" SID "/Summary?ProcessingState=all");
}

TEST(summary_request, what_goes_upstream_means_the_same_here) {
  auto const call = *call_sid::parse(SID);
  for (std::size_t i = 0; i < processing_state_count; ++i) {
    auto const state = static_cast<processing_state>(i);
    EXPECT_EQ(understood("GET", summary_target(call, state)), "get " + std::string{name_of(state)});
  }
}

TEST(summary_request, content_is_refused_after_the_method_and_before_all_else) {
  auto const judged = [](std::string_view method) {
    request_head head;
    head.method = method;
    head.path = "/nowhere";
    head.content = "x";
    return parse_summary_request(parse_route(head.path), head).error();
  };
  EXPECT_EQ(judged("GET"), fault::unexpected_body);
  EXPECT_EQ(judged("OPTIONS"), fault::unexpected_body);
  EXPECT_EQ(judged("POST"), fault::method_not_allowed);
}

TEST(summary_request, leaving_the_state_out_asks_for_complete) {
  EXPECT_EQ(question(processing_state::absent), question(processing_state::complete));
  EXPECT_EQ(question(processing_state::partial), processing_state::partial);
  EXPECT_EQ(question(processing_state::all), processing_state::all);
}

TEST(summary_request, absent_is_no_value) { EXPECT_EQ(parse_processing_state("absent"), std::nullopt); }

}  // namespace
}  // namespace gateway::summary_request_test
