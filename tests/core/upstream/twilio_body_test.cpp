#include "core/upstream/twilio_body.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "upstream/answers.hpp"

namespace gateway::twilio_body_test {
namespace {

using namespace std::string_literals;
using identity = summary_facts::identity;
using state = summary_facts::summary_state;

#define RIGHT R"("call_sid":"CA0000000000000000000000000000000a")"
#define OTHER R"("call_sid":"CA0000000000000000000000000000000b")"
#define COMPLETE R"("processing_state":"complete")"

std::string facts_in_words(const std::string& body) {
  body_reader reader;
  auto const facts = reader.read_summary(body, asked());
  if (facts.is == identity::unreadable) return "unreadable";
  if (facts.is == identity::wrong_call) return "wrong call";
  if (facts.ambiguous) return "ambiguous";
  if (facts.malformed_account) return "malformed account";
  if (facts.state == state::complete) return "complete";
  return facts.state == state::partial ? "partial" : "other state";
}

struct row {
  std::string_view name;
  std::string body;
  std::string_view expected;
};

TEST(twilio_body, what_a_summary_says) {
  const row rows[] = {
      {"complete", "{" RIGHT "," COMPLETE "}", "complete"},
      {"order does not matter", "{" COMPLETE "," RIGHT "}", "complete"},
      {"white space does not matter", " {\n" RIGHT " ,\t" COMPLETE "\r\n} \n", "complete"},
      {"escaped spelling of the same key and value",
       R"({"call_\u0073id":"CA0000000000000000000000000000000a","processing_state":"complet\u0065"})", "complete"},
      {"a lower-case prefix", R"({"call_sid":"ca0000000000000000000000000000000a","processing_state":"complete"})", "wrong call"},
      {"unknown fields are welcome", "{" RIGHT "," COMPLETE R"(,"agent_session_summaries":[{"a":1e400}],"x":null})", "unreadable"},
      {"unknown fields with sane numbers", "{" RIGHT "," COMPLETE R"(,"agent_session_summaries":[{"a":1e40}],"x":null})", "complete"},
      {"partial", "{" RIGHT R"(,"processing_state":"partial"})", "partial"},
      {"state missing", "{" RIGHT "}", "other state"},
      {"state null", "{" RIGHT R"(,"processing_state":null})", "other state"},
      {"state in capitals", "{" RIGHT R"(,"processing_state":"COMPLETE"})", "other state"},
      {"state with a space", "{" RIGHT R"(,"processing_state":"complete "})", "other state"},
      {"state of another type", "{" RIGHT R"(,"processing_state":["complete"]})", "other state"},
      {"state true", "{" RIGHT R"(,"processing_state":true})", "other state"},
      {"state only nested", "{" RIGHT R"(,"properties":{"processing_state":"complete"}})", "other state"},
      {"state only in free text", "{" RIGHT R"(,"annotation":{"comment":"\"processing_state\":\"complete\""}})", "other state"},
      {"account null", "{" RIGHT "," COMPLETE R"(,"account_sid":null})", "complete"},
      {"account of another kind", "{" RIGHT "," COMPLETE R"(,"account_sid":"SK00000000000000000000000000000001"})", "malformed account"},
      {"account cut", "{" RIGHT "," COMPLETE R"(,"account_sid":"AC0000000000000000000000000000000"})", "malformed account"},
      {"account a number", "{" RIGHT "," COMPLETE R"(,"account_sid":1})", "malformed account"},
      {"account twice", "{" RIGHT "," COMPLETE R"(,"account_sid":null,"account_sid":"AC00000000000000000000000000000001"})", "ambiguous"},
      {"state twice", "{" RIGHT "," COMPLETE "," COMPLETE "}", "ambiguous"},
      {"state twice, partial last", "{" RIGHT "," COMPLETE R"(,"processing_state":"partial"})", "ambiguous"},
      {"state twice, partial first", "{" RIGHT R"(,"processing_state":"partial",)" COMPLETE "}", "ambiguous"},
      {"state twice, once escaped", "{" RIGHT "," COMPLETE R"(,"processing\u005fstate":"partial"})", "ambiguous"},
      {"end_time twice", "{" RIGHT "," COMPLETE R"(,"end_time":"2026-01-01T00:00:00Z","end_time":"2036-01-01T00:00:00Z"})", "ambiguous"},
      {"identity twice, equal", "{" RIGHT "," RIGHT "," COMPLETE "}", "ambiguous"},

      {"another call", "{" OTHER "," COMPLETE "}", "wrong call"},
      {"another case of the same digits", R"({"call_sid":"CA0000000000000000000000000000000A","processing_state":"complete"})", "complete"},
      {"identity missing", "{" COMPLETE "}", "wrong call"},
      {"identity null", R"({"call_sid":null,)" COMPLETE "}", "wrong call"},
      {"identity a number", R"({"call_sid":10})", "wrong call"},
      {"identity only nested", R"({"properties":{)" RIGHT "}," COMPLETE "}", "wrong call"},
      {"identity with a space", R"({"call_sid":" CA0000000000000000000000000000000a"})", "wrong call"},
      {"identity twice, the other first", "{" OTHER "," RIGHT "," COMPLETE "}", "wrong call"},
      {"identity twice, the other last", "{" RIGHT "," OTHER "," COMPLETE "}", "wrong call"},
      {"key in capitals", R"({"CALL_SID":"CA0000000000000000000000000000000a"})", "wrong call"},
      {"empty object", "{}", "wrong call"},

      {"empty", "", "unreadable"},
      {"spaces", "   ", "unreadable"},
      {"null", "null", "unreadable"},
      {"list", "[{" RIGHT "}]", "unreadable"},
      {"string", "\"CA\"", "unreadable"},
      {"HTML", "<html>Bad Gateway</html>", "unreadable"},
      {"cut short", "{" RIGHT "," COMPLETE, "unreadable"},
      {"cut within a string", R"({"call_sid":"CA000)", "unreadable"},
      {"trailing bytes", "{" RIGHT "," COMPLETE "}x", "unreadable"},
      {"a second object", "{" RIGHT "," COMPLETE "}{}", "unreadable"},
      {"trailing comma", "{" RIGHT "," COMPLETE ",}", "unreadable"},
      {"single quotes", "{'call_sid':'CA'}", "unreadable"},
      {"comment", "{/* */" RIGHT "}", "unreadable"},
      {"NaN", "{" RIGHT R"(,"duration":NaN})", "unreadable"},
      {"leading zero", "{" RIGHT R"(,"duration":01})", "unreadable"},
      {"integer beyond 64 bits", "{" RIGHT "," COMPLETE R"(,"x":18446744073709551616})", "unreadable"},
      {"number beyond any double", "{" RIGHT "," COMPLETE R"(,"x":1e999999999})", "unreadable"},
      {"byte order mark", "\xef\xbb\xbf{" RIGHT "," COMPLETE "}", "unreadable"},
      {"UTF-16", "{\0\"\0}\0"s, "unreadable"},
      {"NUL within", "{" RIGHT ",\0" COMPLETE "}"s, "unreadable"},
      {"NUL behind", "{" RIGHT "," COMPLETE "}\0"s, "unreadable"},
      {"invalid UTF-8", "{" RIGHT "," COMPLETE ",\"x\":\"\xff\"}", "unreadable"},
      {"overlong UTF-8", "{" RIGHT "," COMPLETE ",\"x\":\"\xc0\xaf\"}", "unreadable"},
      {"surrogate in UTF-8", "{" RIGHT "," COMPLETE ",\"x\":\"\xed\xa0\x80\"}", "unreadable"},
      {"cut UTF-8", "{" RIGHT "," COMPLETE ",\"x\":\"\xc3\"}", "unreadable"},
      {"raw line end in a string", "{" RIGHT ",\"x\":\"a\nb\"}", "unreadable"},
      {"half of a surrogate pair", "{" RIGHT R"(,"x":"\ud800"})", "unreadable"},
      {"bad escape", "{" RIGHT R"(,"x":"\q"})", "unreadable"},
  };
  for (auto const& r : rows) EXPECT_EQ(facts_in_words(r.body), r.expected) << r.name;
}

TEST(twilio_body, reads_end_time_and_account) {
  body_reader reader;
  auto const facts = reader.read_summary(
      "{" RIGHT "," COMPLETE R"(,"end_time":"2026-01-09T00:34:49Z","account_sid":"AC00000000000000000000000000000001"})", asked());
  ASSERT_TRUE(facts.end_time);
  EXPECT_EQ(http_date(*facts.end_time), "Fri, 09 Jan 2026 00:34:49 GMT");
  ASSERT_TRUE(facts.account);
  EXPECT_EQ(facts.account->view(), "AC00000000000000000000000000000001");
  for (std::string_view const odd : {R"(null)", R"("")", R"("yesterday")", R"(1767918889)", R"({"x":1})"}) {
    EXPECT_FALSE(reader.read_summary("{" RIGHT ",\"end_time\":" + std::string{odd} + "}", asked()).end_time) << odd;
  }
}

std::string nested(std::size_t depth, char open, char close) {
  return "{" RIGHT "," COMPLETE ",\"x\":" + std::string(depth, open) + std::string(depth, close) + "}";
}

TEST(twilio_body, depth_is_bounded) {
  EXPECT_EQ(facts_in_words(nested(20, '[', ']')), "complete");
  EXPECT_EQ(facts_in_words(nested(100, '[', ']')), "unreadable");
  EXPECT_EQ(facts_in_words(nested(100'000, '[', ']')), "unreadable");
  EXPECT_EQ(facts_in_words("{" RIGHT ",\"x\":" + std::string(100'000, '[')), "unreadable");
  std::string objects = "{" RIGHT;
  for (int i = 0; i < 100'000; ++i) objects += ",\"x\":{\"y\":1";
  EXPECT_EQ(facts_in_words(objects), "unreadable");
  body_reader reader;
  EXPECT_FALSE(reader.read_error_code("{\"code\":17001,\"x\":" + std::string(1'000, '[') + std::string(1'000, ']') + "}"));
}

TEST(twilio_body, the_depth_limit_holds_after_a_bigger_body) {
  body_reader reader;
  reader.read_summary("{" RIGHT ",\"x\":\"" + std::string(500'000, 'x') + "\"}", asked());
  EXPECT_EQ(reader.read_summary(nested(100, '[', ']'), asked()).is, identity::unreadable);
  EXPECT_EQ(reader.read_summary(nested(400'000, '[', ']'), asked()).is, identity::unreadable);
}

TEST(twilio_body, many_keys_and_long_strings_are_read) {
  std::string many = "{" RIGHT "," COMPLETE;
  for (int i = 0; i < 20'000; ++i) many += ",\"k" + std::to_string(i) + "\":" + std::to_string(i);
  EXPECT_EQ(facts_in_words(many + "}"), "complete");
  EXPECT_EQ(facts_in_words("{" RIGHT "," COMPLETE ",\"x\":\"" + std::string(1'000'000, 'x') + "\"}"), "complete");
}

// One reader parses the bodies of one worker for days: earlier bodies must leave no trace.
TEST(twilio_body, a_reader_keeps_nothing_of_earlier_bodies) {
  body_reader reader;
  for (std::size_t size = 0; size < 3'000; size += 37) {
    EXPECT_EQ(reader.read_summary("{" RIGHT "," COMPLETE ",\"x\":\"" + std::string(size, 'x') + "\"}", asked()).state, state::complete);
    EXPECT_EQ(reader.read_summary("{" RIGHT "}", asked()).state, state::other);
    EXPECT_EQ(reader.read_summary("{", asked()).is, identity::unreadable);
    EXPECT_EQ(reader.read_error_code("{\"code\":17001}"), 17001);
    EXPECT_EQ(reader.read_error_code("{}"), std::nullopt);
    EXPECT_EQ(reader.read_error_code(""), std::nullopt);
  }
}

// Only a complete body counts, however much of it arrives.
TEST(twilio_body, no_part_of_a_body_is_readable) {
  auto const whole = "{" RIGHT "," COMPLETE R"(,"duration":12,"tags":["a\"b"],"annotation":{"comment":"}"}})"s;
  body_reader reader;
  ASSERT_EQ(reader.read_summary(whole, asked()).is, identity::right_call);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(reader.read_summary(whole.substr(0, size), asked()).is, identity::unreadable) << size;
  }
}

TEST(twilio_body, error_codes) {
  struct code_row {
    std::string_view body;
    std::optional<int> expected;
  };
  static constexpr code_row rows[] = {
      {R"({"code":17001,"message":"m","more_info":"u","status":404})", 17001},
      {R"({"code":0})", 0},
      {R"({"code":2147483647})", 2147483647},
      {R"({"code":2147483648})", std::nullopt},
      {R"({"code":99999999999999999999})", std::nullopt},
      {R"({"code":-17001})", std::nullopt},
      {R"({"code":"17001"})", std::nullopt},
      {R"({"code":17001.5})", std::nullopt},
      {R"({"code":null})", std::nullopt},
      {R"({"code":[17001]})", std::nullopt},
      {R"({"detail":{"code":17001}})", std::nullopt},
      {R"({"Code":17001})", std::nullopt},
      {R"([17001])", std::nullopt},
      {R"(<html>)", std::nullopt},
      {"\xef\xbb\xbf{\"code\":17001}", std::nullopt},
      {R"({"code":17001)", std::nullopt},
      {"", std::nullopt},
  };
  body_reader reader;
  for (auto const& r : rows) EXPECT_EQ(reader.read_error_code(r.body), r.expected) << r.body;
}

#define OWN R"("account_sid":"AC00000000000000000000000000000001")"
#define FOREIGN R"("account_sid":"AC00000000000000000000000000000002")"

TEST(twilio_body, whose_a_body_is) {
  const row rows[] = {
      {"own", "{" OWN "}", "allowed"},
      {"another's", "{" FOREIGN "}", "others"},
      {"escaped key", R"({"account_\u0073id":"AC00000000000000000000000000000002"})", "others"},
      {"none", R"({"call_sid":"CA1"})", "unclear"},
      {"null", R"({"account_sid":null})", "unclear"},
      {"twice", "{" OWN "," OWN "}", "unclear"},
      {"first own, then another's", "{" OWN "," FOREIGN "}", "unclear"},
      {"only nested", "{\"a\":{" OWN "}}", "unclear"},
      {"no object", "[{" OWN "}]", "unclear"},
      {"unreadable", "{" OWN, "unclear"},
      {"a list of its own", R"({"meta":{"key":"calls"},"calls":[{)" OWN "},{" OWN "}]}", "allowed"},
      {"an empty list", R"({"meta":{"key":"calls"},"calls":[]})", "allowed"},
      {"meta behind the list", "{\"calls\":[{" FOREIGN R"(}],"meta":{"key":"calls"}})", "others"},
      {"one item of another's", R"({"meta":{"key":"calls"},"calls":[{)" OWN "},{" FOREIGN "},{" OWN "}]}", "others"},
      {"one item without", R"({"meta":{"key":"calls"},"calls":[{)" OWN "},{}]}", "unclear"},
      {"an item that is no object", R"({"meta":{"key":"calls"},"calls":[1]})", "unclear"},
      {"own list of another's", "{" FOREIGN R"(,"meta":{"key":"calls"},"calls":[{)" OWN "}]}", "others"},
      {"another list than the one named", R"({"meta":{"key":"calls"},"rooms":[{)" OWN "}]}", "unclear"},
      {"the list twice", R"({"meta":{"key":"calls"},"calls":[],"calls":[{)" OWN "}]}", "unclear"},
      {"no list", R"({"meta":{"key":"calls"},"calls":{)" OWN "}}", "unclear"},
  };
  static constexpr std::array<std::string_view, 3> words{"allowed", "others", "unclear"};
  body_reader reader;
  for (auto const& one : rows) {
    auto const judged = reader.judge_accounts(one.body, [](const account_sid& whose) { return whose.view().ends_with('1'); });
    EXPECT_EQ(words[static_cast<std::size_t>(judged)], one.expected) << one.name;
  }
}

}  // namespace
}  // namespace gateway::twilio_body_test
