// What becomes of each header field of an upstream answer.
#include "core/upstream/field_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "upstream/answers.hpp"

namespace gateway::field_table_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using enum field_use;

TEST(field_table, each_row_is_reached_by_its_name_and_has_a_reason) {
  std::set<std::string_view> names;
  for (auto const& row : field_table()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.reason.empty()) << row.name;
    std::string name{row.name};
    for (auto& c : name) EXPECT_EQ(lower(c), c) << name;
    if (name.back() == '*') {
      EXPECT_EQ(field_row_of(name.substr(0, name.size() - 1)), nullptr) << "a family has a name behind its dash";
      name.back() = 'x';
    }
    EXPECT_EQ(field_row_of(name), &row) << name;
  }
}

TEST(field_table, what_becomes_of_a_field) {
  struct row {
    std::string_view name;
    field_use use;
  };
  static constexpr row rows[] = {
      {"Content-Type", everyone},
      {"Content-Language", everyone},
      {"Access-Control-Allow-Origin", everyone},
      {"ACCESS-CONTROL-EXPOSE-HEADERS", everyone},
      {"X-Home-Region", everyone},
      {"X-API-Domain", everyone},
      {"Link", everyone},
      {"Retry-After", everyone},
      {"WWW-Authenticate", everyone},
      {"Deprecation", everyone},
      {"Sunset", everyone},
      {"Twilio-Something-New", everyone},
      {"twilio-REQUEST-id", waiting},
      {"Twilio-Request-Duration", waiting},
      {"Twilio-Concurrent-Requests", waiting},
      {"Content-Digest", exact_bytes},
      {"Repr-Digest", exact_bytes},
      {"Digest", exact_bytes},
      {"Content-MD5", exact_bytes},
      {"Connection", field_use::connection},
      {"Keep-Alive", field_use::connection},
      {"Proxy-Connection", field_use::connection},
      {"Proxy-Authenticate", field_use::connection},
      {"Proxy-Authorization", field_use::connection},
      {"TE", field_use::connection},
      {"Trailer", field_use::connection},
      {"Transfer-Encoding", field_use::connection},
      {"Upgrade", field_use::connection},
      {"X-Nominated", field_use::connection},  // by Connection, below
      {"X-Also", field_use::connection},
      {"CONTENT-LENGTH", ours},
      {"Content-Encoding", ours},  // of a 200
      {"Content-Range", ours},
      {"Accept-Ranges", ours},
      {"Date", ours},
      {"ETag", ours},
      {"Last-Modified", ours},
      {"Expires", ours},
      {"Cache-Control", ours},
      {"Vary", ours},
      {"Age", ours},
      {"Cache-Status", ours},
      {"X-Request-Id", ours},
      {"Gateway-Fault", ours},
      {"Server-Timing", ours},
      {"RateLimit", ours},
      {"RateLimit-Policy", ours},
      {"RateLimit-Remaining", ours},
      {"Via", ours},
      {"Set-Cookie", nobody},
      {"Set-Cookie2", nobody},
      {"Strict-Transport-Security", unless_added},
      {"Alt-Svc", unless_added},
      {"Public-Key-Pins", unless_added},
      {"CDN-Cache-Control", unless_added},
      {"Surrogate-Control", unless_added},
      {"X-Accel-Redirect", unless_added},
      {"X-Accel-Expires", unless_added},
      {"X-Sendfile", unless_added},
      {"Clear-Site-Data", unless_added},
      {"NEL", unless_added},
      {"Report-To", unless_added},
      {"Service-Worker-Allowed", unless_added},
      {"X-RateLimit-Limit", unless_added},
      {"Twilio", unless_added},
      {"X-Something-New", unless_added},
  };
  auto const answer = made_answer(200, "", {{"Connection", "close, x-NOMINATED"}, {"connection", "X-Also"}});
  passthrough_fields const fields{answer};
  for (auto const& r : rows) {
    EXPECT_EQ(fields.use_of(r.name), r.use) << r.name;
    EXPECT_EQ(fields.has(r.name), r.use == everyone || r.use == waiting || r.use == exact_bytes) << r.name;
  }
  EXPECT_TRUE(passthrough_fields{made_answer(404, "")}.has("Content-Encoding")) << "an error may have a coding";
}

TEST(field_table, a_setting_adds_names_and_no_others) {
  const std::vector<std::string> added{"x-something-NEW", "Strict-Transport-Security", "Set-Cookie", "Connection", "Date"};
  auto const answer = made_answer(200, "", {{"Connection", "X-Also"}, {"X-Also", "1"}});
  passthrough_fields const fields{answer, added};
  EXPECT_EQ(fields.use_of("X-Something-New"), everyone);
  EXPECT_EQ(fields.use_of("strict-transport-security"), everyone);
  for (auto const* const name : {"Set-Cookie", "Connection", "Date", "X-Something", "X-Also"}) EXPECT_FALSE(fields.has(name)) << name;
}

TEST(field_table, what_clients_might_miss) {
  const std::vector<std::string> added{"X-Added"};
  auto const answer =
      made_answer(200, "", {{"X-Other", "1"}, {"Date", "x"}, {"NEL", "{}"}, {"X-Added", "1"}, {"Set-Cookie", "a"}, {"TE", "x"}});
  EXPECT_THAT(dropped_fields(answer, added), ElementsAre("X-Other", "NEL", "Set-Cookie"));
}

TEST(field_table, which_names_can_be_added) {
  for (auto const* const name : {"X-Other", "NEL", "strict-transport-security", "X-Accel-Redirect", "Location"})
    EXPECT_EQ(why_not_added(name), std::nullopt) << name;
  for (auto const* const name :
       {"Connection", "transfer-encoding", "Content-Length", "Date", "Gateway-Fault", "RateLimit-Policy", "Set-Cookie"})
    EXPECT_THAT(why_not_added(name).value_or(""), HasSubstr("can never be sent on")) << name;
  for (auto const* const name : {"Retry-After", "Twilio-Request-Id", "Content-Digest"})
    EXPECT_THAT(why_not_added(name).value_or(""), HasSubstr("is sent on already")) << name;
  for (auto const* const name : {"", "X Other", "X:", "X\r\nSet-Cookie", "X-\xc3\xb6"})
    EXPECT_THAT(why_not_added(name).value_or(""), HasSubstr("is no name of a field")) << name;
}

}  // namespace
}  // namespace gateway::field_table_test
