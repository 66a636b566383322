#include "core/upstream/answer.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "upstream/answers.hpp"

namespace gateway::answer_test {
namespace {

TEST(answer, finds_the_first_field_of_a_name) {
  auto const answer = made_answer(200, "", {{"X", "1"}, {"x", "2"}, {"Y", ""}});
  EXPECT_EQ(answer.field("x"), "1");
  EXPECT_EQ(answer.field("CONTENT-TYPE"), "application/json");
  EXPECT_EQ(answer.field("y"), "");
  EXPECT_EQ(answer.field("z"), "");
}

TEST(answer, which_statuses_reach_the_client) {
  struct row {
    std::string_view name;
    bool passthrough;
  };
  static constexpr row rows[] = {
      {"Content-Type", true},
      {"Access-Control-Allow-Origin", true},
      {"Access-Control-Expose-Headers", true},
      {"X-Home-Region", true},
      {"Twilio-Request-Id", true},
      {"Retry-After", true},
      {"WWW-Authenticate", true},
      {"X-Something-New", true},
      {"Connection", false},
      {"Keep-Alive", false},
      {"Proxy-Connection", false},
      {"Proxy-Authenticate", false},
      {"Proxy-Authorization", false},
      {"TE", false},
      {"Trailer", false},
      {"Transfer-Encoding", false},
      {"Upgrade", false},
      {"CONTENT-LENGTH", false},
      {"Content-Encoding", false},
      {"Content-Range", false},
      {"Accept-Ranges", false},
      {"Date", false},
      {"ETag", false},
      {"Last-Modified", false},
      {"Expires", false},
      {"Cache-Control", false},
      {"Vary", false},
      {"Age", false},
      {"Cache-Status", false},
      {"X-Request-Id", false},
      {"Gateway-Fault", false},
      {"Server-Timing", false},
      {"Strict-Transport-Security", false},
      {"Alt-Svc", false},
      {"Set-Cookie", false},
      {"Set-Cookie2", false},
      {"Public-Key-Pins", false},
      {"Via", false},
      {"X-Nominated", false},  // by Connection, below
      {"X-Also", false},
  };
  auto const answer = made_answer(200, "", {{"Connection", "close, x-NOMINATED"}, {"connection", "X-Also"}});
  passthrough_fields const passes{answer};
  for (auto const& r : rows) EXPECT_EQ(passes.has(r.name), r.passthrough) << r.name;
}

TEST(answer, a_redirect_is_known_by_its_host_alone) {
  struct row {
    std::string_view location, host;
  };
  static constexpr row rows[] = {
      {"https://login.example/a/secret?token=secret#secret", "login.example"},
      {"http://login.example:8080", "login.example:8080"},
      {"HTTPS://Login.Example?x", "Login.Example"},
      {"//login.example/", "login.example"},
      {"https://[2001:db8::1]:443/", "[2001:db8::1]:443"},
      {"https://user:secret@login.example/", "login.example"},
      {"https://a@b@login.example/", "login.example"},
      {"https://login.example\\@secret/", "login.example"},
      {"/v1/Voice", ""},
      {"", ""},
      {"login.example", ""},
      {"javascript://secret/", ""},
      {"https:///secret", ""},
      {"https://log in.example/", ""},
      {"https://\"login.example/", ""},
      {"https://l\xc3\xb6gin.example/", ""},
  };
  for (auto const& r : rows) EXPECT_EQ(redirect_host(made_answer(302, "", {{"Location", r.location}})), r.host) << r.location;
  auto const long_host = "https://" + std::string(260, 'a') + "/";
  EXPECT_EQ(redirect_host(made_answer(302, "", {{"Location", long_host}})), "");
  EXPECT_EQ(redirect_host(made_answer(302, "")), "");
  for (int const status : {200, 201, 404, 500})
    EXPECT_EQ(redirect_host(made_answer(status, "", {{"Location", "https://login.example/"}})), "") << status;
}

TEST(answer, fields_of_one_request_only) {
  EXPECT_TRUE(is_per_request("twilio-REQUEST-id"));
  EXPECT_TRUE(is_per_request("Twilio-Request-Duration"));
  EXPECT_TRUE(is_per_request("Twilio-Concurrent-Requests"));
  EXPECT_FALSE(is_per_request("X-Home-Region"));
}

TEST(answer, fields_that_a_browser_asks_for) {
  EXPECT_TRUE(is_for_pages("Access-Control-Allow-Origin"));
  EXPECT_TRUE(is_for_pages("ACCESS-CONTROL-EXPOSE-HEADERS"));
  EXPECT_FALSE(is_for_pages("Access-Control"));
  EXPECT_FALSE(is_for_pages("X-Access-Control-Allow-Origin"));
}

}  // namespace
}  // namespace gateway::answer_test
