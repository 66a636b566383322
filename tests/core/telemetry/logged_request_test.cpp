#include "core/telemetry/logged_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "documents.hpp"

namespace gateway::logged_request_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr short_hash_key key{std::byte{1}};
constexpr std::string_view sid = "CA0123456789abcdef0123456789abcdef";
const std::vector<std::string> listeners{"127.0.0.1:8080", "unix:/run/\"odd\".sock"};

std::string line_of(const logged_request& one) {
  std::string line;
  append_logged(line, one, listeners);
  return line;
}

// A record with all the values that a line can contain.
request_record full() {
  request_record record;
  record.ended = outcome::miss;
  record.method = logged_method::get;
  record.what = resource::summary;
  record.listener = 1;
  record.status = 200;
  record.upstream_status = 200;
  record.retries = 2;
  record.looked_up = lookup::asked_newer;
  record.why_not_stored = not_stored::client_forbids;
  record.detail = "no_store";
  record.bytes = 5'000;
  record.call = call_sid::parse(sid);
  record.request_id = "id-1";
  record.client = std::string_view{"billing"};
  record.trace = {{1, 2}, 3, 4, true};
  record.hops = hop_ledger{hop::lookup, mono_time{}};
  record.hops.enter(hop::first_byte, mono_time{} + 12'900ns);
  record.hops.stop(mono_time{} + 5ms);
  return record;
}

TEST(logged_request, a_line_tells_all_there_is) {
  EXPECT_EQ(line_of(redacted(full(), wall_time{1'767'918'889'123'456'789ns}, 100, logged_calls::plain, key)),
            R"({"type":"access","time_us":1767918889123456,"request_id":"id-1",)"
            R"("trace_id":"00000000000000010000000000000002","span_id":"0000000000000004","parent_span_id":"0000000000000003",)"
            R"("outcome":"miss","status":200,"duration_us":5000,)"
            R"("hops_us":{"lookup":12,"first_byte":4987},"listener":"unix:/run/\"odd\".sock","method":"GET","resource":"summary",)"
            R"("call":"CA0123456789abcdef0123456789abcdef","lookup":"asked_newer","detail":"no_store","not_stored":"client_forbids",)"
            R"("upstream_status":200,"retries":2,"bytes":5000,"weight":100,"overhead_us":12,"client":"billing"})");
}

TEST(logged_request, what_there_is_not_is_left_out) {
  request_record record;
  record.listener = 7;  // never configured
  record.detail = "upstream_tls";
  record.fail(fault::upstream_tls);
  record.status = 502;
  EXPECT_EQ(
      line_of(redacted(record, wall_time{}, 1, logged_calls::plain, key)),
      R"({"type":"access","time_us":0,"request_id":"","outcome":"failed","status":502,"fault":"upstream_tls","duration_us":0,"hops_us":{},)"
      R"("bytes":0,"weight":1,"overhead_us":0})");
}

TEST(logged_request, the_newest_of_a_group_says_when_the_first_one_came) {
  auto one = redacted(full(), wall_time{2s}, 7, logged_calls::none, key);
  EXPECT_THAT(line_of(one), testing::Not(HasSubstr("first_us")));
  one.first = wall_time{1s};
  EXPECT_THAT(line_of(one), HasSubstr(R"("time_us":2000000,)"));
  EXPECT_THAT(line_of(one), HasSubstr(R"("weight":7,)"));
  EXPECT_THAT(line_of(one), HasSubstr(R"("client":"billing","first_us":1000000})"));
}

TEST(logged_request, a_line_stays_one_line_whatever_it_tells) {
  auto record = full();
  record.request_id = "a\"\n\x1b[31m\\\x7f";
  auto const line = line_of(redacted(record, wall_time{}, 1, logged_calls::none, key));
  EXPECT_THAT(line, HasSubstr(R"("request_id":"a\"\u000a\u001b[31m\\\u007f")"));
  for (char const c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20U);
}

TEST(logged_request, a_call_is_named_only_as_the_setting_says) {
  auto const shown = [](logged_calls how, const short_hash_key& with) {
    auto const one = redacted(full(), wall_time{}, 1, how, with);
    EXPECT_FALSE(one.of.call) << "nothing of it may stay behind";
    auto const line = line_of(one);
    auto const at = line.find(R"("call":")");
    return at == line.npos ? std::string{} : line.substr(at + 8, line.find('"', at + 8) - at - 8);
  };
  EXPECT_EQ(shown(logged_calls::plain, key), sid);
  EXPECT_EQ(shown(logged_calls::none, key), "");
  auto const hash = shown(logged_calls::hashed, key);
  EXPECT_EQ(hash.size(), 16U) << hash;
  EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), hash.npos) << hash;
  EXPECT_EQ(shown(logged_calls::hashed, key), hash) << "the same within one run";
  EXPECT_NE(shown(logged_calls::hashed, short_hash_key{std::byte{2}}), hash) << "another one in the next";
}

// The page ends with the table of members. After a change of the table, run: GATEWAY_WRITE_REFERENCE=1 core_tests
// --gtest_filter='logged_request.*'
TEST(logged_request, every_member_is_in_the_document_as_it_is_here) {
  std::string table = "| member | type | unit | meaning |\n|---|---|---|---|\n";
  for (auto const& one : logged_members()) {
    table.append("| `").append(one.name).append("` | ").append(one.kind).append(" | ").append(one.unit);
    table.append(one.unit.empty() ? "| " : " | ").append(one.prose).append(" |\n");
  }
  auto const page = document("deploy/docs/access-log.md");
  auto const expected = page.substr(0, page.find("| member |")) + table;
  EXPECT_EQ(shipped("deploy/docs/access-log.md", expected), expected) << "the page must end with just this table";
}

}  // namespace
}  // namespace gateway::logged_request_test
