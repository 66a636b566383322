// Who gets a token of the simulated Twilio, and for how long it is accepted.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "twilio.hpp"

namespace simulator::oauth_test {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view client = "OQ00000000000000000000000000000001";

struct oauth : testing::Test {
  static twilio_settings from_a_day() {
    twilio_settings made;
    made.start = sim_time{1'700'000'000'000ms};
    return made;
  }
  twilio world{from_a_day(), real_time{}};
  real_time now{};

  reply say(const char* method, std::string target, std::string body, std::optional<std::string> authorization = {}) {
    const request_facts request{
        std::make_shared<connection_facts>(), method, std::move(target), "", std::move(body), std::move(authorization)};
    const arrival arrived = world.arrive(request, now);
    reply answered = world.decide(arrived, request, now);
    world.leave(arrived);
    return answered;
  }
  reply ask_token(const std::string& secret, const std::string& grant = "client_credentials") {
    return say("POST", "/v2/token", "grant_type=" + grant + "&client_id=" + std::string{client} + "&client_secret=" + secret);
  }
  boost::json::object token() { return boost::json::parse(ask_token("client-secret").what.body).as_object(); }
  unsigned use(const boost::json::object& given) {
    const std::string text{std::string_view{given.at("access_token").as_string()}};
    return say("GET", "/v1/Voice/" + numbered_sid("CA", 1) + "/Summary", "", "Bearer " + text).what.status;
  }
  void terms(const char* change) { EXPECT_EQ(world.change_tokens(boost::json::parse(change)), std::nullopt); }
};

}  // namespace

TEST_F(oauth, a_token_is_accepted_until_it_ends) {
  const auto given = token();
  EXPECT_EQ(given.at("token_type"), "Bearer");
  EXPECT_EQ(given.at("expires_in"), 3600);
  EXPECT_EQ(use(given), 200U);
  now += 3599s;
  EXPECT_EQ(use(given), 200U);
  now += 1s;
  EXPECT_EQ(use(given), 401U);
}

TEST_F(oauth, only_the_client_itself_gets_one) {
  EXPECT_EQ(ask_token("wrong").what.status, 401U);
  EXPECT_NE(ask_token("wrong").what.body.find("invalid_client"), std::string::npos);
  EXPECT_EQ(ask_token("client-secret", "password").what.status, 400U);
  EXPECT_EQ(say("GET", "/v2/token", "").what.status, 405U);
  EXPECT_EQ(say("GET", "/v1/Voice/Settings", "", "Basic T1EwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpjbGllbnQtc2VjcmV0").what.status,
            401U)
      << "a client's own secret opens nothing";
}

TEST_F(oauth, a_revoked_client_gets_none_and_its_tokens_end) {
  const auto given = token();
  world.put_credential(boost::json::parse(
      R"({"user":"OQ00000000000000000000000000000001","secret":"client-secret","account_sid":"AC00000000000000000000000000000001","state":"revoked"})"));
  EXPECT_EQ(use(given), 401U);
  EXPECT_EQ(ask_token("client-secret").what.status, 401U);
}

TEST_F(oauth, the_terms_can_be_changed) {
  terms(R"({"lifetime_s": 2, "expires_in": -5})");
  const auto lying = token();
  EXPECT_EQ(lying.at("expires_in"), -5);
  terms(R"({"says_lifetime": false})");
  EXPECT_FALSE(token().contains("expires_in"));
  EXPECT_EQ(use(lying), 200U);
  terms(R"({"revoke": true})");
  EXPECT_EQ(use(lying), 401U);
}

}  // namespace simulator::oauth_test
