// Decisions about JWTs of clients; the signatures are checked by a stand-in (tests/io/files/public_key_test has real ones).
#include "core/auth/jwt.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "auth/jwt.hpp"
#include "core/auth/compact_token.hpp"

namespace gateway::jwt_test {
namespace {

using namespace std::literals;

// Takes what ends with the key's letter.
struct letter_check final : signature_check {
  explicit letter_check(char letter) : letter_(letter) {}
  [[nodiscard]] bool passes(std::string_view text, std::string_view signature) const override {
    return !text.empty() && signature.back() == letter_;
  }
  char letter_;
};

jwt_key key(std::string id, jwt_algorithm algorithm, char letter, std::size_t size = 64) {
  return {std::move(id), algorithm, size, std::make_shared<const letter_check>(letter)};
}

jwt_rules rules() {
  return {"https://issuer",
          "gateway",
          30s,
          {key("rsa", jwt_algorithm::rs256, 'r', 256), key("ec", jwt_algorithm::es256, 'e'), key("ed", jwt_algorithm::eddsa, 'd')},
          {}};
}

constexpr wall_time now{1'800'000'000s};

std::string signature_by(char letter, std::size_t size = 64) { return std::string(size - 1, '.') + letter; }

std::string token(std::string_view header, std::string_view payload, std::string_view signature) {
  return base64url(header) + "." + base64url(payload) + "." + base64url(signature);
}

constexpr std::string_view by_ec = R"({"alg":"ES256","kid":"ec"})";
constexpr std::string_view usual = R"({"iss":"https://issuer","sub":"system:serviceaccount:ns:billing","aud":"gateway","exp":1800000060})";

// The subject, or the reason.
std::string said(std::string_view sent, const jwt_rules& by = rules(), wall_time at = now) {
  auto const proof = prove(sent, by, at);
  return proof ? proof->subject : std::string{name_of(proof.error())};
}
std::string of_header(std::string_view header, char letter = 'e', std::size_t size = 64) {
  return said(token(header, usual, signature_by(letter, size)));
}
std::string of_claims(std::string_view payload, wall_time at = now) { return said(token(by_ec, payload, signature_by('e')), rules(), at); }

constexpr std::string_view billing = "system:serviceaccount:ns:billing";

TEST(jwt, proves_its_subject_until_it_ends) {
  auto const proof = prove(token(by_ec, usual, signature_by('e')), rules(), now);
  ASSERT_TRUE(proof);
  EXPECT_EQ(proof->subject, billing);
  EXPECT_EQ(proof->until, wall_time{1'800'000'090s}) << "the skew included";
}

TEST(jwt, header_says_which_key_is_meant_and_never_how_it_is_used) {
  struct row {
    std::string_view header;
    char by;
    std::size_t size;
    std::string_view said;
  };
  const row rows[] = {
      {R"({"alg":"RS256","kid":"rsa"})", 'r', 256, billing},
      {R"({"alg":"ES256","kid":"ec"})", 'e', 64, billing},
      {R"({"alg":"EdDSA","kid":"ed"})", 'd', 64, billing},
      {R"({"alg":"ES256"})", 'e', 64, billing},
      {R"({"alg":"ES256","kid":"ec","typ":"JWT"})", 'e', 64, billing},
      {R"({"alg":"ES256","kid":"ec","typ":"at+jwt"})", 'e', 64, billing},
      {R"({"alg":"none"})", 'e', 64, "jwt_algorithm"},
      {R"({"alg":"None","kid":"ec"})", 'e', 64, "jwt_algorithm"},
      {R"({"alg":"","kid":"ec"})", 'e', 64, "jwt_algorithm"},
      {R"({"kid":"ec"})", 'e', 64, "jwt_algorithm"},
      {R"({"alg":null,"kid":"ec"})", 'e', 64, "jwt_algorithm"},
      {R"({"alg":["ES256"],"kid":"ec"})", 'e', 64, "jwt_algorithm"},
      {R"({"alg":"HS256","kid":"rsa"})", 'r', 256, "jwt_algorithm"},
      {R"({"alg":"HS512","kid":"ec"})", 'e', 64, "jwt_algorithm"},
      {R"({"alg":"RS384","kid":"rsa"})", 'r', 256, "jwt_algorithm"},
      {R"({"alg":"PS256","kid":"rsa"})", 'r', 256, "jwt_algorithm"},
      {R"({"alg":"ES384","kid":"ec"})", 'e', 64, "jwt_algorithm"},
      {R"({"alg":"es256","kid":"ec"})", 'e', 64, "jwt_algorithm"},
      {R"({"alg":"RS256","kid":"ec"})", 'e', 64, "jwt_key"},
      {R"({"alg":"ES256","kid":"rsa"})", 'r', 256, "jwt_key"},
      {R"({"alg":"EdDSA","kid":"ec"})", 'e', 64, "jwt_key"},
      {R"({"alg":"ES256","kid":"of nobody"})", 'e', 64, "jwt_key"},
      {R"({"alg":"ES256","kid":""})", 'e', 64, "jwt_key"},
      {R"({"alg":"ES256","kid":7})", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":null})", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":"ec","typ":"dpop+jwt"})", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":"ec","typ":7})", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":"ec","crit":["b64"],"b64":false})", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":"ec","alg":"ES256"})", 'e', 64, "jwt_malformed"},
      {R"({"alg":"none","kid":"ec","alg":"ES256"})", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":"ec","x":1,"x":1})", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":"ec","jwk":{"kty":"oct","k":"AA"},"x5c":["AA"]})", 'e', 64, billing},
      {R"(["ES256"])", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":"ec"} x)", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":"ec")", 'e', 64, "jwt_malformed"},
      {"\xef\xbb\xbf{\"alg\":\"ES256\",\"kid\":\"ec\"}", 'e', 64, "jwt_malformed"},
      {R"({"alg":"ES256","kid":"ec"})", 'x', 64, "jwt_signature"},
      {R"({"alg":"ES256","kid":"ec"})", 'e', 63, "jwt_signature"},
      {R"({"alg":"ES256","kid":"ec"})", 'e', 65, "jwt_signature"},
      {R"({"alg":"ES256","kid":"ec"})", 'e', 71, "jwt_signature"},  // as DER
      {R"({"alg":"RS256","kid":"rsa"})", 'r', 255, "jwt_signature"},
      {R"({"alg":"RS256","kid":"rsa"})", 'r', 512, "jwt_signature"},
  };
  for (auto const& r : rows) EXPECT_EQ(of_header(r.header, r.by, r.size), r.said) << r.header << " " << r.size;
}

TEST(jwt, without_a_kid_only_one_key_can_be_meant) {
  auto by = rules();
  by.keys.push_back(key("another", jwt_algorithm::es256, 'e'));
  EXPECT_EQ(said(token(R"({"alg":"ES256"})", usual, signature_by('e')), by), "jwt_key");
  EXPECT_EQ(said(token(R"({"alg":"ES256","kid":"another"})", usual, signature_by('e')), by), billing);
  by.keys = {key("", jwt_algorithm::es256, 'e')};
  EXPECT_EQ(said(token(R"({"alg":"ES256"})", usual, signature_by('e')), by), billing);
  EXPECT_EQ(said(token(R"({"alg":"ES256","kid":"ec"})", usual, signature_by('e')), by), "jwt_key") << "a kid must be the key's";
  by.keys.clear();
  EXPECT_EQ(said(token(R"({"alg":"ES256"})", usual, signature_by('e')), by), "jwt_key");
}

TEST(jwt, claims_must_be_ours_and_in_time) {
  struct row {
    std::string_view payload, said;
  };
  const row rows[] = {
      {R"({"iss":"https://issuer","sub":"s","aud":["other","gateway"],"exp":1800000060})", "s"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1800000060,"nbf":1800000000,"iat":1799999999,"x":{"a":1,"a":2}})", "s"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1799999971})", "s"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1799999970})", "jwt_expired"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":0})", "jwt_expired"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1800000060,"nbf":1800000030})", "s"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1800000060,"nbf":1800000031})", "jwt_early"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1800000060,"iat":1800000031})", "jwt_early"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":9000000000,"nbf":9000000000})", "jwt_early"},
      {R"({"iss":"https://issuer/","sub":"s","aud":"gateway","exp":1800000060})", "jwt_issuer"},
      {R"({"iss":"HTTPS://issuer","sub":"s","aud":"gateway","exp":1800000060})", "jwt_issuer"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateways","exp":1800000060})", "jwt_audience"},
      {R"({"iss":"https://issuer","sub":"s","aud":["other"],"exp":1800000060})", "jwt_audience"},
      {R"({"iss":"https://issuer","sub":"s","aud":[],"exp":1800000060})", "jwt_audience"},
      {R"({"iss":"https://issuer","sub":"s","exp":1800000060})", "jwt_audience"},
      {R"({"iss":"https://issuer","sub":"s","aud":7,"exp":1800000060})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":["gateway",7],"exp":1800000060})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":[["gateway"]],"exp":1800000060})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway"})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":"1800000060"})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1800000060.5})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1e10})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":9000000001})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":-1})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1800000060,"nbf":"0"})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1800000060,"iat":null})", "jwt_malformed"},
      {R"({"iss":"https://issuer","aud":"gateway","exp":1800000060})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"","aud":"gateway","exp":1800000060})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":7,"aud":"gateway","exp":1800000060})", "jwt_malformed"},
      {R"({"sub":"s","aud":"gateway","exp":1800000060})", "jwt_malformed"},
      {R"({"iss":["https://issuer"],"sub":"s","aud":"gateway","exp":1800000060})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","sub":"t","aud":"gateway","exp":1800000060})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","s\u0075b":"t","aud":"gateway","exp":1800000060})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","aud":"other","exp":1800000060})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1800000060,"exp":1900000000})", "jwt_malformed"},
      {R"({"iss":"https://issuer","sub":"s","aud":"gateway","exp":1800000060,"other":1,"other":2})", "jwt_malformed"},
      {R"([])", "jwt_malformed"},
      {R"(null)", "jwt_malformed"},
      {R"({})", "jwt_malformed"},
  };
  for (auto const& r : rows) EXPECT_EQ(of_claims(r.payload), r.said) << r.payload;
  EXPECT_EQ(of_claims(usual, wall_time::max()), "jwt_expired") << "without a moment nothing counts";
  EXPECT_EQ(of_claims(usual, wall_time{}), billing) << "nothing says when it begins";
}

TEST(jwt, claims_are_not_believed_before_the_signature) {
  auto const forged = token(by_ec, R"({"iss":"https://other","sub":"s","aud":"other","exp":1})", signature_by('x'));
  EXPECT_EQ(said(forged), "jwt_signature");
}

TEST(jwt, parts_are_strict_base64url) {
  auto const header = base64url(by_ec), payload = base64url(usual), signature = base64url(signature_by('e'));
  EXPECT_EQ(said(header + "." + payload + "." + signature), billing);
  for (auto const& sent :
       {header + "=." + payload + "." + signature, header + "==." + payload + "." + signature, header + "." + payload + "=." + signature,
        header + " ." + payload + "." + signature, header + "." + payload + "+." + signature, header + "." + payload + "\n." + signature,
        "." + payload + "." + signature, header + ".." + signature, header + "." + payload + ".", header + "." + payload, header,
        header + "." + payload + "." + signature + ".", "." + header + "." + payload + "." + signature, ".."s, ""s})
    EXPECT_EQ(said(sent), "jwt_malformed") << sent;
  for (auto const& wrong : {signature + "=", signature + "==", signature + "A", signature.substr(1), signature + "/"})
    EXPECT_EQ(said(header + "." + payload + "." + wrong), "jwt_signature") << wrong;
}

TEST(jwt, is_bounded_in_size) {
  auto const padded = [](std::size_t of_header, std::size_t of_payload) {
    return token(std::string{by_ec} + std::string(of_header, ' '), std::string{usual} + std::string(of_payload, ' '), signature_by('e'));
  };
  std::string largest;  // not each length can be had by the payload alone
  for (std::size_t i = 0; i < 900 && largest.size() != max_token_size; ++i) largest = padded(i % 3, 5800 + i / 3);
  ASSERT_EQ(largest.size(), max_token_size);
  EXPECT_EQ(said(largest), billing);
  EXPECT_EQ(said(largest + "A"), "jwt_malformed");
}

// A token whose bytes changed anywhere proves nothing else than before: the stand-in for signatures sees the last letter only, so the
// signature itself is left alone.
TEST(jwt, no_change_of_a_letter_makes_another_subject) {
  std::mt19937 random{22};
  auto const sent = token(by_ec, usual, signature_by('e'));
  for (int i = 0; i < 20'000; ++i) {
    auto changed = sent;
    auto const head = sent.find('.');
    changed[random() % head] = static_cast<char>(random() % 256);
    auto const found = said(changed);
    EXPECT_TRUE(found == billing || found.starts_with("jwt_")) << found;
  }
}

TEST(jwt, form_of_one) {
  EXPECT_TRUE(is_jwt("a.b.c"));
  EXPECT_TRUE(is_jwt(".."));
  EXPECT_FALSE(is_jwt("a.b"));
  EXPECT_FALSE(is_jwt("billing-token-xxxxxxxxxxxxxxxxxxxxxxxxxx"));
}

}  // namespace
}  // namespace gateway::jwt_test
