#include "core/auth/bearer_claims.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "auth/jwt.hpp"
#include "core/auth/compact_token.hpp"

namespace gateway::bearer_claims_test {
namespace {

constexpr fingerprint_key key{std::byte{1}};

std::optional<bearer_claims> claims_of(std::string_view payload, std::string_view signature = "c2lnbmF0dXJl") {
  return read_claims(jwt_of(payload, signature), key);
}

constexpr std::string_view usual = R"({"iss":"https://id","sub":"OQ1","aud":"api","scope":"a b","exp":1800000000,"jti":"1"})";

TEST(bearer_claims, tokens_that_differ_in_time_and_signature_have_one_subject) {
  auto const one = claims_of(usual);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->expires, wall_time{std::chrono::seconds{1'800'000'000}});
  auto const later =
      claims_of(R"({"exp":1800003600,"iat":5,"scope":"a b","aud":"api","sub":"OQ1","iss":"https:\/\/id","jti":"2"})", "b3RoZXI");
  ASSERT_TRUE(later);
  EXPECT_EQ(later->subject, one->subject);
  EXPECT_EQ(later->expires, wall_time{std::chrono::seconds{1'800'003'600}});
  EXPECT_NE(read_claims(jwt_of(usual), fingerprint_key{})->subject, one->subject) << "the fingerprint is keyed";
}

TEST(bearer_claims, each_claim_makes_another_subject) {
  std::vector<digest> seen;
  for (auto const* const payload : {
           R"({"iss":"https://id","sub":"OQ1","aud":"api","scope":"a b","exp":1})",
           R"({"iss":"https://i2","sub":"OQ1","aud":"api","scope":"a b","exp":1})",
           R"({"iss":"https://id","sub":"OQ2","aud":"api","scope":"a b","exp":1})",
           R"({"iss":"https://id","sub":"OQ1","aud":"ap2","scope":"a b","exp":1})",
           R"({"iss":"https://id","sub":"OQ1","aud":["api"],"scope":"a b","exp":1})",
           R"({"iss":"https://id","sub":"OQ1","aud":["api","ap2"],"scope":"a b","exp":1})",
           R"({"iss":"https://id","sub":"OQ1","aud":[],"scope":"a b","exp":1})",
           R"({"iss":"https://id","sub":"OQ1","aud":"api","scope":"a","exp":1})",
           R"({"iss":"https://id","sub":"OQ1","aud":"api","exp":1})",
           R"({"iss":"https://id","sub":"OQ1","scope":"a b","exp":1})",
           R"({"iss":"https://id","sub":"OQ1","exp":1})",
           R"({"iss":"https://idO","sub":"Q1","exp":1})",
       }) {
    auto const one = claims_of(payload);
    ASSERT_TRUE(one) << payload;
    for (auto const& other : seen) EXPECT_NE(one->subject, other) << payload;
    seen.push_back(one->subject);
  }
}

TEST(bearer_claims, what_is_incomplete_or_ambiguous_is_opaque) {
  for (auto const* const payload : {
           "",
           "null",
           "[]",
           "{}",
           "{",
           R"({"sub":"OQ1","exp":1})",
           R"({"iss":"i","exp":1})",
           R"({"iss":"i","sub":"s"})",
           R"({"iss":"","sub":"s","exp":1})",
           R"({"iss":"i","sub":"s","exp":0})",
           R"({"iss":"i","sub":"s","exp":-5})",
           R"({"iss":"i","sub":"s","exp":1.5})",
           R"({"iss":"i","sub":"s","exp":"1800000000"})",
           R"({"iss":"i","sub":"s","exp":9000000001})",
           R"({"iss":"i","sub":7,"exp":1})",
           R"({"iss":null,"sub":"s","exp":1})",
           R"({"iss":"i","sub":"s","aud":7,"exp":1})",
           R"({"iss":"i","sub":"s","aud":[7],"exp":1})",
           R"({"iss":"i","sub":"s","scope":["a"],"exp":1})",
           R"({"iss":"i","sub":"s","sub":"t","exp":1})",
           R"({"iss":"i","sub":"s","exp":1,"exp":2})",
           R"({"iss":"i","sub":"s","exp":1} {})",
       }) {
    EXPECT_FALSE(claims_of(payload)) << payload;
  }
}

TEST(bearer_claims, what_is_no_jwt_is_opaque) {
  auto const payload = base64url(usual);
  for (std::string const& token :
       {std::string{}, std::string{"bearer-token-01"}, std::string{".."}, "a." + payload, "a." + payload + ".", "." + payload + ".c",
        "a." + payload + ".b.c", "a." + payload + "=.c", "a." + payload + "+.c", "a.." + payload, std::string(3, '.') + payload})
    EXPECT_FALSE(read_claims(token, key)) << token;
  EXPECT_TRUE(read_claims("a." + payload + ".c", key));
}

TEST(bearer_claims, a_token_has_a_bound) {
  auto const token = jwt_of(usual);
  EXPECT_TRUE(read_claims(token + std::string(max_token_size - token.size(), 'A'), key));
  EXPECT_FALSE(read_claims(token + std::string(max_token_size - token.size() + 1, 'A'), key));
}

}  // namespace
}  // namespace gateway::bearer_claims_test
