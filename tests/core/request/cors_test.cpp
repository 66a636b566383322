// Which origins may send requests.
#include "core/request/cors.hpp"

#include <gtest/gtest.h>

namespace gateway::cors_test {
namespace {

TEST(cors, by_default_all_are_told_what_twilio_tells) {
  EXPECT_EQ(allow_origin({}, "https://app.example"), "*");
  EXPECT_EQ(allow_origin({}, ""), "*");
}

TEST(cors, a_listed_page_is_named_and_no_other) {
  cors_policy const policy{{"https://app.example", "http://localhost:3000"}, {}};
  EXPECT_EQ(allow_origin(policy, "https://app.example"), "https://app.example");
  EXPECT_EQ(allow_origin(policy, "http://localhost:3000"), "http://localhost:3000");
  for (auto const* other : {"https://app.example.evil.example", "https://evil.example", "http://app.example", "https://app.example:444",
                            "null", "https://APP.example", "*", ""}) {
    EXPECT_EQ(allow_origin(policy, other), "") << other;
  }
}

TEST(cors, a_list_makes_answers_differ) {
  EXPECT_FALSE(lists_origins({}));
  EXPECT_FALSE(lists_origins({{"https://app.example", "*"}, {}}));
  EXPECT_TRUE(lists_origins({{"https://app.example"}, {}}));
  EXPECT_TRUE(lists_origins({{}, {}}));
}

TEST(cors, an_empty_list_allows_nobody) { EXPECT_EQ(allow_origin({{}, {}}, "https://app.example"), ""); }

TEST(cors, patterns) {
  for (auto const* good : {"*", "https://app.example", "http://localhost:3000", "https://[::1]:8443", "chrome-extension://abc"})
    EXPECT_TRUE(is_origin_pattern(good)) << good;
  for (auto const* bad : {"", "app.example", "https://", "://x", "https://app.example/", "https://app.example/x", "https://*.example:x",
                          "https://APP.example", "https://u@app.example", "https://a b", "null"}) {
    EXPECT_FALSE(is_origin_pattern(bad)) << bad;
  }
}

}  // namespace
}  // namespace gateway::cors_test
