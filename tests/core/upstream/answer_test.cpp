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

TEST(answer, fields_that_a_browser_asks_for) {
  EXPECT_TRUE(is_for_pages("Access-Control-Allow-Origin"));
  EXPECT_TRUE(is_for_pages("ACCESS-CONTROL-EXPOSE-HEADERS"));
  EXPECT_FALSE(is_for_pages("Access-Control"));
  EXPECT_FALSE(is_for_pages("X-Access-Control-Allow-Origin"));
}

}  // namespace
}  // namespace gateway::answer_test
