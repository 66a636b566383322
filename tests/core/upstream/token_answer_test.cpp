// What an answer of the OAuth token endpoint means, and what the gateway asks it.
#include "core/upstream/token_answer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gateway {
namespace {

using namespace std::chrono_literals;

constexpr wall_time now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 10}};

token_answer read(int status, std::string body, std::string_view retry_after = {}) {
  static json_reader reader;
  upstream_answer answer;
  answer.status = status;
  answer.body = std::move(body);
  if (!retry_after.empty()) answer.fields = {{"Retry-After", retry_after}};
  return read_token_answer(answer, reader, now);
}

std::string with(std::string_view members) { return R"({"access_token":"abc.def","token_type":"Bearer")" + std::string{members} + "}"; }

TEST(token_answer, of_twilio_is_a_token) {
  auto const made =
      read(200, R"({"access_token":"eyJh.x-_~+/==","id_token":null,"token_type":"Bearer","expires_in":3600,"refresh_token":null})");
  EXPECT_EQ(made.is, token_result::issued);
  EXPECT_EQ(made.authorization.reveal(), "Bearer eyJh.x-_~+/==");
  EXPECT_EQ(made.lifetime, 3600s);
}

TEST(token_answer, has_a_lifetime_within_bounds) {
  struct row {
    std::string members;
    token_result is;
    std::chrono::seconds lifetime;
  };
  auto const wrong = token_result::wrong_lifetime;
  for (auto const& [members, is, lifetime] : std::vector<row>{
           {"", token_result::issued, assumed_lifetime},
           {R"(,"expires_in":null)", token_result::issued, assumed_lifetime},
           {R"(,"expires_in":1)", token_result::issued, 1s},
           {R"(,"expires_in":86400)", token_result::issued, 24h},
           {R"(,"expires_in":1438315200000)", token_result::issued, 24h},  // an example of Twilio's
           {R"(,"expires_in":9223372036854775807)", token_result::issued, 24h},
           {R"(,"expires_in":9223372036854775808)", wrong, 0s},
           {R"(,"expires_in":0)", wrong, 0s},
           {R"(,"expires_in":-1)", wrong, 0s},
           {R"(,"expires_in":3600.5)", wrong, 0s},
           {R"(,"expires_in":"3600")", wrong, 0s},
           {R"(,"expires_in":{})", wrong, 0s},
       }) {
    auto const made = read(200, with(members));
    EXPECT_EQ(made.is, is) << members;
    EXPECT_EQ(made.lifetime, lifetime) << members;
  }
}

TEST(token_answer, without_a_bearer_token_that_a_field_can_carry_has_a_name) {
  struct row {
    std::string body;
    token_result is;
  };
  for (auto const& [body, is] : std::vector<row>{
           {"", token_result::unusable_answer},
           {"<html>", token_result::unusable_answer},
           {"[]", token_result::unusable_answer},
           {"{", token_result::unusable_answer},
           {with("") + "{}", token_result::unusable_answer},
           {R"({"access_token":"a","access_token":"b","token_type":"bearer"})", token_result::unusable_answer},
           {R"({"access_token":"a","token_type":"bearer","expires_in":1,"expires_in":2})", token_result::unusable_answer},
           {R"({"token_type":"Bearer"})", token_result::unusable_token},
           {R"({"access_token":7,"token_type":"Bearer"})", token_result::unusable_token},
           {R"({"access_token":"","token_type":"Bearer"})", token_result::unusable_token},
           {R"({"access_token":"a b","token_type":"Bearer"})", token_result::unusable_token},
           {R"({"access_token":"user:password","token_type":"Bearer"})", token_result::unusable_token},
           {R"({"access_token":"a\r\nX-Evil: 1","token_type":"Bearer"})", token_result::unusable_token},
           {R"({"access_token":"a\u0000","token_type":"Bearer"})", token_result::unusable_token},
           {R"({"access_token":")" + std::string(longest_token + 1, 'a') + R"(","token_type":"Bearer"})", token_result::unusable_token},
           {R"({"access_token":"a"})", token_result::wrong_type},
           {R"({"access_token":"a","token_type":"mac"})", token_result::wrong_type},
           {R"({"access_token":"a","token_type":null})", token_result::wrong_type},
       }) {
    auto const made = read(200, body);
    EXPECT_EQ(made.is, is) << body.substr(0, 80);
    EXPECT_TRUE(made.authorization.empty()) << body.substr(0, 80);
  }
  EXPECT_EQ(read(201, R"({"access_token":"a","token_type":"bearer"})").is, token_result::issued);
}

TEST(token_answer, that_refuses_says_whom) {
  struct row {
    int status;
    std::string body;
    token_result is;
    std::string_view error;
  };
  for (auto const& [status, body, is, error] : std::vector<row>{
           {401, R"({"error":"invalid_client"})", token_result::client_refused, "invalid_client"},
           {401, "", token_result::client_refused, ""},
           {400, R"({"error":"invalid_client","error_description":"secret of AC1"})", token_result::client_refused, "invalid_client"},
           {400, R"({"error":"unauthorized_client"})", token_result::client_refused, "unauthorized_client"},
           {403, R"({"error":"unauthorized_client"})", token_result::client_refused, "unauthorized_client"},
           {400, R"({"error":"invalid_scope"})", token_result::refused, "invalid_scope"},
           {400, R"({"error":"<b>anything</b>"})", token_result::refused, ""},
           {400, R"({"error":"invalid_client","error":"invalid_scope"})", token_result::refused, ""},
           {403, "blocked", token_result::refused, ""},
           {404, "", token_result::refused, ""},
           {429, "", token_result::throttled, ""},
           {500, R"({"error":"invalid_client"})", token_result::failed, "invalid_client"},
           {302, "", token_result::failed, ""},
           {204, "", token_result::failed, ""},
       }) {
    auto const made = read(status, body);
    EXPECT_EQ(made.is, is) << status << body;
    EXPECT_EQ(made.error, error) << status << body;
    EXPECT_TRUE(made.authorization.empty());
  }
}

TEST(token_answer, may_ask_for_a_pause_within_bounds) {
  EXPECT_EQ(read(429, "", "7").pause, 7s);
  EXPECT_EQ(read(503, "", "86400").pause, 60s);
  EXPECT_EQ(read(503, "", "soon").pause, 0s);
  EXPECT_EQ(read(401, "", "7").pause, 0s);
}

TEST(token_answer, names_and_sentences_are_all_there) {
  for (std::size_t i = 0; i < token_result_count; ++i) {
    EXPECT_FALSE(name_of(static_cast<token_result>(i)).empty());
    EXPECT_FALSE(sentence_of(static_cast<token_result>(i)).empty());
  }
  EXPECT_EQ(token_result_of(fault::upstream_timeout), token_result::timeout);
  EXPECT_EQ(token_result_of(fault::egress_auth), token_result::egress);
  EXPECT_EQ(token_result_of(fault::upstream_body_too_large), token_result::unusable_answer);
}

TEST(token_answer, is_asked_for_with_the_clients_credential_in_a_form) {
  auto const request = compose_token_request("oauth.twilio.com", "/v2/token", "OQ1", secret{"a+b&c=d%"});
  EXPECT_EQ(request.reveal(),
            "POST /v2/token HTTP/1.1\r\nHost: oauth.twilio.com\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 74\r\n"
            "Accept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: summary-gateway\r\nConnection: close\r\n\r\n"
            "grant_type=client_credentials&client_id=OQ1&client_secret=a%2Bb%26c%3Dd%25");
}

}  // namespace
}  // namespace gateway
