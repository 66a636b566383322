// The words of `summary-gateway ctl doctor`.
#include "app/ctl/doctor_request.hpp"

#include <gtest/gtest.h>

namespace gateway::doctor_request_test {
namespace {

using words = std::vector<std::string_view>;

constexpr auto call = "CA00000000000000000000000000000001";

TEST(doctor_request, is_the_first_word_that_belongs_to_no_option) {
  for (auto const& given : {words{"doctor"}, words{"--config", "g.yaml", "doctor"}, words{"-c", "doctor", "doctor"},
                            words{"--json", "doctor"}, words{"--config=g.yaml", "doctor", "--live", call}})
    EXPECT_TRUE(asks_for_doctor(given)) << given.front();
  for (auto const& given : {words{}, words{"status"}, words{"-c", "doctor", "status"}, words{"status", "doctor"}, words{"--json"}})
    EXPECT_FALSE(asks_for_doctor(given));
}

TEST(doctor_request, has_the_settings_a_credential_and_a_call) {
  std::string why_not;
  auto const made =
      parse_doctor({"-c", "g.yaml", "doctor", "--set", "upstream.timeout=5s", "--credential-file=c", "--live", call, "--json"}, why_not);
  ASSERT_TRUE(made) << why_not;
  EXPECT_EQ(made->settings.path, "g.yaml");
  ASSERT_EQ(made->settings.set.size(), 1U);
  EXPECT_EQ(made->settings.set[0].key, "upstream.timeout");
  EXPECT_EQ(made->settings.set[0].value, "5s");
  EXPECT_EQ(made->credential_file, "c");
  EXPECT_EQ(made->live, call_sid::parse(call));
  EXPECT_TRUE(made->as_json);
  EXPECT_TRUE(parse_doctor({"doctor"}, why_not));
}

TEST(doctor_request, what_is_wrong_is_said) {
  struct {
    words given;
    std::string_view said;
  } const table[] = {
      {{"doctor", "now"}, "doctor does not take 'now'"},       {{"doctor", "--verbose"}, "doctor does not take '--verbose'"},
      {{"doctor", "doctor"}, "doctor does not take 'doctor'"}, {{"doctor", "--live"}, "--live needs a value"},
      {{"doctor", "--live", "CA1"}, "--live needs a CallSid"}, {{"doctor", "--config="}, "--config needs a value"},
      {{"doctor", "--set", "x"}, "--set needs KEY=VALUE"},     {{"doctor", "--set", "=x"}, "--set needs KEY=VALUE"},
  };
  for (auto const& row : table) {
    std::string why_not;
    EXPECT_FALSE(parse_doctor(row.given, why_not));
    EXPECT_NE(why_not.find(row.said), std::string::npos) << why_not;
  }
}

}  // namespace
}  // namespace gateway::doctor_request_test
