#include "core/upstream/verdict.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "upstream/answers.hpp"

namespace gateway::verdict_test {
namespace {

using namespace std::literals;

const std::string complete_body = summary_body(R"(,"processing_state":"complete","end_time":"2026-01-09T00:34:49Z")");

// "found", "absent 20404", "broken upstream_error 17008"
std::string words_for(const verdict& verdict) {
  std::string text{name_of(verdict.is)};
  if (verdict.is == verdict_kind::broken) text.append(" ").append(name_of(verdict.why));
  if (verdict.code != 0) text.append(" ").append(std::to_string(verdict.code));
  return text;
}

std::string judged(const upstream_answer& answer) {
  body_reader reader;
  return words_for(judge_answer(answer, asked(), reader));
}

TEST(verdict, errors_by_status_and_code) {
  struct row {
    int status;
    int code;  // 0: a body without one
    std::string_view expected;
  };
  static constexpr row rows[] = {
      {404, 17001, "not_ready 17001"},
      {400, 17001, "not_ready 17001"},
      {404, 17002, "permanent 17002"},
      {400, 17002, "permanent 17002"},
      {404, 17007, "permanent 17007"},
      {404, 20404, "absent 20404"},
      {404, 17000, "absent 17000"},
      {404, 0, "rejected"},
      {400, 17400, "rejected 17400"},
      {400, 20001, "rejected 20001"},
      {405, 20004, "rejected 20004"},
      {410, 0, "rejected"},
      {401, 20003, "refused 20003"},
      {401, 70051, "refused 70051"},
      {401, 0, "refused"},
      {401, 17001, "refused 17001"},
      {403, 20403, "refused 20403"},
      {403, 17000, "refused 17000"},  // never stored: the credential may be allowed later
      {403, 17007, "refused 17007"},
      {403, 0, "refused"},
      {429, 20429, "throttled 20429"},
      {429, 0, "throttled"},
      {429, 17001, "throttled 17001"},
      {400, 20429, "throttled 20429"},
      {500, 17008, "broken upstream_error 17008"},
      {503, 17009, "broken upstream_error 17009"},
      {500, 0, "broken upstream_error"},
      {502, 20404, "broken upstream_error 20404"},
      {599, 0, "broken upstream_error"},
      {301, 0, "broken upstream_unexpected_status"},
      {304, 0, "broken upstream_unexpected_status"},
      {201, 0, "broken upstream_unexpected_status"},
      {204, 0, "broken upstream_unexpected_status"},
      {206, 0, "broken upstream_unexpected_status"},
      {101, 0, "broken upstream_unexpected_status"},
      {100, 0, "broken upstream_unexpected_status"},
      {0, 0, "broken upstream_protocol"},
      {-1, 0, "broken upstream_protocol"},
      {600, 0, "broken upstream_protocol"},
      {999, 17001, "broken upstream_protocol"},
  };
  for (auto const& r : rows) {
    auto const body = r.code == 0 ? "{}"s : error_body(r.code);
    EXPECT_EQ(judged(made_answer(r.status, body)), r.expected) << r.status << " " << r.code;
  }
}

TEST(verdict, errors_without_json_are_relayed_by_their_status) {
  EXPECT_EQ(judged(made_answer(404, "<html>")), "rejected");
  EXPECT_EQ(judged(made_answer(403, "")), "refused");
  EXPECT_EQ(judged(made_answer(503, "<html>")), "broken upstream_error");
}

TEST(verdict, summaries) {
  struct row {
    std::string_view name;
    upstream_answer answer;
    std::string_view expected;
  };
  auto const typed = [](std::string_view type) { return upstream_answer{200, {{"Content-Type", type}}, complete_body}; };
  const row rows[] = {
      {"complete", made_answer(200, complete_body), "found"},
      {"with a charset", typed("application/json; charset=utf-8"), "found"},
      {"type in capitals", typed("APPLICATION/JSON"), "found"},
      {"identity coding named", made_answer(200, complete_body, {{"Content-Encoding", "Identity"}}), "found"},
      {"no type", {200, {}, complete_body}, "partial"},
      {"another type", typed("text/html"), "partial"},
      {"a type that only begins so", typed("application/jsonp"), "partial"},
      {"partial", made_answer(200, summary_body(R"(,"processing_state":"partial")")), "partial"},
      {"no state", made_answer(200, summary_body("")), "partial"},
      {"nested state", made_answer(200, summary_body(R"(,"x":{"processing_state":"complete"})")), "partial"},
      {"duplicate state", made_answer(200, summary_body(R"(,"processing_state":"partial","processing_state":"complete")")), "partial"},
      {"another call", made_answer(200, R"({"call_sid":"CA0000000000000000000000000000000b","processing_state":"complete"})"),
       "broken upstream_wrong_call"},
      {"no call", made_answer(200, R"({"processing_state":"complete"})"), "broken upstream_wrong_call"},
      {"an error under 200", made_answer(200, error_body(17001)), "broken upstream_wrong_call"},
      {"not JSON", made_answer(200, "<html>"), "broken upstream_unusable_body"},
      {"empty", made_answer(200, ""), "broken upstream_unusable_body"},
      {"cut", made_answer(200, complete_body.substr(0, complete_body.size() - 1)), "broken upstream_unusable_body"},
      {"two", made_answer(200, complete_body + complete_body), "broken upstream_unusable_body"},
      {"coded", made_answer(200, complete_body, {{"Content-Encoding", "gzip"}}), "broken upstream_unusable_body"},
  };
  for (auto const& r : rows) EXPECT_EQ(judged(r.answer), r.expected) << r.name;
}

// Each answer that is not stored has a reason.
TEST(verdict, why_a_summary_is_not_stored) {
  struct row {
    std::string_view name;
    upstream_answer answer;
    not_stored expected;
  };
  const row rows[] = {
      {"partial", made_answer(200, summary_body(R"(,"processing_state":"partial")")), not_stored::partial},
      {"no state", made_answer(200, summary_body("")), not_stored::unknown_state},
      {"a state of tomorrow", made_answer(200, summary_body(R"(,"processing_state":"predicted")")), not_stored::unknown_state},
      {"state twice", made_answer(200, summary_body(R"(,"processing_state":"complete","processing_state":"complete")")),
       not_stored::ambiguous},
      {"an end nobody can read", made_answer(200, summary_body(R"(,"processing_state":"complete","end_time":"soon")")),
       not_stored::ambiguous},
      {"no account's name", made_answer(200, summary_body(R"(,"processing_state":"complete","account_sid":"me")")),
       not_stored::malformed_account},
      {"another type", {200, {{"Content-Type", "text/plain"}}, complete_body}, not_stored::content_type},
      {"another call", made_answer(200, R"({"call_sid":"CA0000000000000000000000000000000b"})"), not_stored::wrong_call},
      {"cut", made_answer(200, complete_body.substr(0, 40)), not_stored::unusable_body},
      {"twice", made_answer(200, complete_body + complete_body), not_stored::unusable_body},
      {"something appended", made_answer(200, complete_body + "x"), not_stored::unusable_body},
      {"coded", made_answer(200, complete_body, {{"Content-Encoding", "br"}}), not_stored::unusable_body},
      {"throttled", made_answer(429, error_body(20429)), not_stored::never},
      {"broken", made_answer(503, ""), not_stored::never},
  };
  body_reader reader;
  for (auto const& r : rows) {
    auto const meaning = judge_answer(r.answer, asked(), reader);
    EXPECT_FALSE(meaning.storable()) << r.name;
    EXPECT_EQ(name_of(meaning.why_not), name_of(r.expected)) << r.name;
  }
}

TEST(verdict, a_call_never_changes_its_account) {
  body_reader reader;
  auto const naming = [&](std::string_view account) {
    return judge_answer(made_answer(200, summary_body(R"(,"processing_state":"complete","account_sid":)" + std::string{account})), asked(),
                        reader);
  };
  auto const kept = std::make_shared<entry>();
  kept->account = account_sid::parse("AC00000000000000000000000000000001");
  EXPECT_FALSE(contradicts(naming(R"("AC00000000000000000000000000000001")"), kept));
  EXPECT_TRUE(contradicts(naming(R"("AC00000000000000000000000000000002")"), kept));
  EXPECT_FALSE(contradicts(naming("null"), kept)) << "who names none contradicts nobody";
  EXPECT_FALSE(contradicts(naming(R"("AC00000000000000000000000000000002")"), nullptr));
  EXPECT_FALSE(contradicts(naming(R"("AC00000000000000000000000000000002")"), std::make_shared<entry>()));
}

TEST(verdict, fields_that_could_split_a_response_break_the_answer) {
  const answer_field bad[] = {{"X", "a\r\nSet-Cookie: b"},
                              {"X", "a\nb"},
                              {"X", "a\rb"},
                              {"X", "a\0b"sv},
                              {"X", "\x7f"},
                              {"X", "\x1b[2J"},
                              {"", "x"},
                              {"X Y", "x"},
                              {"X:", "x"},
                              {"X\r\nY", "x"},
                              {"X\x80", "x"},
                              {"X\0"sv, "x"},
                              {" X", "x"}};
  for (auto const& field : bad) {
    EXPECT_EQ(judged(made_answer(200, complete_body, {field})), "broken upstream_protocol") << field.name << "=" << field.value;
    EXPECT_EQ(judged(made_answer(404, error_body(17001), {field})), "broken upstream_protocol");
  }
}

TEST(verdict, of_what_only_passes_through) {
  struct row {
    int status;
    std::string body;
    std::string_view about_a_call;  // an annotation
    std::string_view about_many;    // a list of events
  };
  const row rows[] = {
      {200, summary_body(R"(,"comment":"x")"), "relayed", "relayed"},
      {201, summary_body(""), "relayed", "relayed"},
      {202, summary_body(""), "relayed", "relayed"},
      {203, summary_body(""), "broken upstream_unexpected_status", "broken upstream_unexpected_status"},
      {200, R"({"call_sid":"CA0000000000000000000000000000000b"})", "broken upstream_wrong_call", "relayed"},
      {201, R"({"call_sid":"CA0000000000000000000000000000000b"})", "broken upstream_wrong_call", "relayed"},
      {200, R"({"events":[],"meta":{}})", "broken upstream_wrong_call", "relayed"},
      {200, "<html>", "broken upstream_unusable_body", "relayed"},
      {204, "", "broken upstream_unexpected_status", "broken upstream_unexpected_status"},
      {302, "", "broken upstream_unexpected_status", "broken upstream_unexpected_status"},
      {404, error_body(17001), "not_ready 17001", "not_ready 17001"},
      {400, error_body(20001), "rejected 20001", "rejected 20001"},
      {401, error_body(20003), "refused 20003", "refused 20003"},
      {429, error_body(20429), "throttled 20429", "throttled 20429"},
      {503, error_body(17009), "broken upstream_error 17009", "broken upstream_error 17009"},
  };
  body_reader reader;
  for (auto const& r : rows) {
    auto const answer = made_answer(r.status, r.body);
    EXPECT_EQ(words_for(judge_passthrough(answer, asked(), reader)), r.about_a_call) << r.status << r.body;
    EXPECT_EQ(words_for(judge_passthrough(answer, std::nullopt, reader)), r.about_many) << r.status << r.body;
  }
  for (auto const& field : {answer_field{"X", "a\r\nSet-Cookie: b"}, answer_field{"Transfer-Encoding", "gzip"}})
    EXPECT_EQ(words_for(judge_passthrough(made_answer(200, summary_body(""), {field}), asked(), reader)), "broken upstream_protocol");
  EXPECT_EQ(words_for(judge_passthrough(made_answer(200, summary_body(""), {{"Content-Encoding", "gzip"}}), std::nullopt, reader)),
            "broken upstream_unusable_body");
}

TEST(verdict, only_a_refusal_says_that_nothing_was_changed) {
  body_reader reader;
  auto const applied = [&](const upstream_answer& answer) {
    return may_have_applied(answer.status, judge_passthrough(answer, asked(), reader));
  };
  for (int const status : {200, 201, 204, 302, 500, 502, 503, 508, 599}) EXPECT_TRUE(applied(made_answer(status, "{}"))) << status;
  for (int const status : {400, 401, 403, 404, 413, 429, 499}) EXPECT_FALSE(applied(made_answer(status, "{}"))) << status;
  EXPECT_FALSE(applied(made_answer(508, "{}", {{"Gateway-Fault", "loop"}}))) << "a gateway refused it before it sent anything";
}

TEST(verdict, a_loop_is_recognized_by_the_refusal_of_a_gateway) {
  body_reader reader;
  auto const of = [&](int status, std::initializer_list<answer_field> fields) {
    auto const answer = made_answer(status, error_body(20508), fields);
    EXPECT_EQ(words_for(judge_answer(answer, asked(), reader)), words_for(judge_passthrough(answer, asked(), reader)));
    return words_for(judge_answer(answer, asked(), reader));
  };
  EXPECT_EQ(of(508, {{"gateway-fault", "loop"}}), "broken loop");
  EXPECT_EQ(of(508, {}), "broken upstream_error 20508");
  EXPECT_EQ(of(508, {{"Gateway-Fault", "internal"}}), "broken upstream_error 20508");
  EXPECT_EQ(of(502, {{"Gateway-Fault", "loop"}}), "broken upstream_error 20508");
}

TEST(verdict, end_time_is_handed_on) {
  body_reader reader;
  auto const verdict = judge_answer(made_answer(200, complete_body), asked(), reader);
  ASSERT_TRUE(verdict.end_time);
  EXPECT_EQ(http_date(*verdict.end_time), "Fri, 09 Jan 2026 00:34:49 GMT");
}

TEST(verdict, only_four_kinds_can_be_stored) {
  struct row {
    verdict_kind is;
    std::optional<answer_kind> expected;
  };
  static constexpr row rows[] = {
      {verdict_kind::found, answer_kind::complete},
      {verdict_kind::partial, std::nullopt},
      {verdict_kind::not_ready, answer_kind::not_ready},
      {verdict_kind::absent, answer_kind::absent},
      {verdict_kind::refused, std::nullopt},
      {verdict_kind::permanent, answer_kind::permanent},
      {verdict_kind::throttled, std::nullopt},
      {verdict_kind::rejected, std::nullopt},
      {verdict_kind::passthrough, std::nullopt},
      {verdict_kind::broken, std::nullopt},
  };
  std::set<std::string_view> names;
  for (auto const& r : rows) {
    verdict v;
    v.is = r.is;
    EXPECT_EQ(v.storable(), r.expected) << name_of(r.is);
    names.insert(name_of(r.is));
  }
  EXPECT_EQ(names.size(), verdict_kind_count);
}

}  // namespace
}  // namespace gateway::verdict_test
