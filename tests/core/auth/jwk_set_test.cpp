#include "core/auth/jwk_set.hpp"

#include <gtest/gtest.h>

#include <string>

#include "auth/jwt.hpp"

namespace gateway::jwk_set_test {
namespace {

std::string bytes(std::size_t size, char first = '\x80') { return base64url(first + std::string(size - 1, '\x01')); }

std::string rsa(std::size_t modulus = 256, std::string_view more = R"(,"kid":"a","use":"sig","alg":"RS256")", char first = '\x80',
                std::string_view exponent = "AQAB") {
  return R"({"kty":"RSA","n":")" + bytes(modulus, first) + R"(","e":")" + std::string{exponent} + "\"" + std::string{more} + "}";
}
std::string ec(std::string_view curve = "P-256", std::size_t x = 32, std::size_t y = 32, std::string_view more = R"(,"kid":"b")") {
  return R"({"kty":"EC","crv":")" + std::string{curve} + R"(","x":")" + bytes(x) + R"(","y":")" + bytes(y) + "\"" + std::string{more} + "}";
}
std::string ed(std::string_view curve = "Ed25519", std::size_t x = 32) {
  return R"({"kty":"OKP","crv":")" + std::string{curve} + R"(","kid":"c","x":")" + bytes(x) + "\"}";
}
std::string set_of(const std::string& keys) { return "{\"keys\":[" + keys + "]}"; }

TEST(jwk_set, has_keys_of_three_kinds) {
  auto const set = parse_jwk_set(set_of(rsa() + "," + ec() + "," + ed()));
  ASSERT_EQ(set.why_not, "");
  ASSERT_EQ(set.keys.size(), 3U);
  EXPECT_EQ(set.keys[0].id, "a");
  EXPECT_EQ(set.keys[0].algorithm, jwt_algorithm::rs256);
  EXPECT_EQ(set.keys[0].first.size(), 256U);
  EXPECT_EQ(set.keys[0].second, std::string("\x01\x00\x01", 3));
  EXPECT_EQ(set.keys[0].signature_size(), 256U);
  EXPECT_EQ(set.keys[1].algorithm, jwt_algorithm::es256);
  EXPECT_EQ(set.keys[1].second.size(), 32U);
  EXPECT_EQ(set.keys[1].signature_size(), 64U);
  EXPECT_EQ(set.keys[2].algorithm, jwt_algorithm::eddsa);
  EXPECT_EQ(set.keys[2].signature_size(), 64U);
}

TEST(jwk_set, an_empty_list_ends_all_tokens_and_is_no_mistake) {
  auto const set = parse_jwk_set(R"({"keys":[]})");
  EXPECT_EQ(set.why_not, "");
  EXPECT_TRUE(set.keys.empty());
}

TEST(jwk_set, keys_for_other_purposes_are_passed_over) {
  for (auto const& other :
       {ec("P-384", 48, 48), ec("secp256k1"), ed("X25519"), ed("Ed448", 57), rsa(256, R"(,"alg":"RS512")"), rsa(256, R"(,"alg":"PS256")"),
        rsa(256, R"(,"use":"enc")"), rsa(128, R"(,"use":"enc")"), rsa(256, R"(,"key_ops":["encrypt"])"), rsa(256, R"(,"use":7)"),
        ec("P-256", 32, 32, R"(,"alg":"ECDH-ES")"), std::string{R"({"kty":"new"})"}}) {
    auto const set = parse_jwk_set(set_of(other + "," + rsa()));
    EXPECT_EQ(set.why_not, "") << other;
    ASSERT_EQ(set.keys.size(), 1U) << other;
    EXPECT_EQ(set.keys[0].id, "a");
    EXPECT_EQ(parse_jwk_set(set_of(other)).why_not, "holds no key for RS256, ES256 or EdDSA") << other;
  }
  EXPECT_EQ(parse_jwk_set(set_of(rsa(256, R"(,"key_ops":["verify"])"))).keys.size(), 1U);
}

TEST(jwk_set, what_makes_a_key_weak_or_useless_makes_the_file_unusable) {
  struct row {
    std::string keys;
    std::string_view why_not;
  };
  const row rows[] = {
      {rsa(128), "of less than 2048 bits"},
      {rsa(256, "", '\x7f'), "of less than 2048 bits"},
      {rsa(257, "", '\0'), "whose n is no number of 8192 bits at most"},
      {rsa(1025), "whose n is no number of 8192 bits at most"},
      {R"({"kty":"RSA","e":"AQAB"})", "whose n is no number"},
      {R"({"kty":"RSA","n":"AQ==","e":"AQAB"})", "whose n is no number"},
      {rsa(256, "", '\x80', ""), "whose e is no odd number"},
      {rsa(256, "", '\x80', "AQ"), "whose e is no odd number"},
      {rsa(256, "", '\x80', "Ag"), "whose e is no odd number"},
      {rsa(256, "", '\x80', "AAEAAQ"), "whose e is no odd number"},
      {rsa(256, "", '\x80', "AQAAAAE"), "whose e is no odd number"},
      {ec("P-256", 31), "whose coordinates have not 32 bytes each"},
      {ec("P-256", 33), "whose coordinates have not 32 bytes each"},
      {ec("P-256", 32, 31), "whose coordinates have not 32 bytes each"},
      {ed("Ed25519", 33), "whose coordinates have not 32 bytes each"},
      {rsa() + "," + rsa(), "with the kid of an earlier one"},
      {rsa() + "," + ec("P-256", 32, 32, R"(,"kid":"a")"), "with the kid of an earlier one"},
      {rsa(256, R"(,"kid":7)"), "whose kid is no text"},
      {rsa(256, R"(,"kid":"")"), "whose kid is no text"},
      {rsa(256, ",\"kid\":\"" + std::string(257, 'a') + "\""), "whose kid has more than 256 bytes"},
      {rsa(256, R"(,"e":"AQAB")"), "with a member that is given twice"},
      {rsa(256, R"(,"d":"AQAB")"), "that is secret; write public keys only"},
      {ec("P-256", 32, 32, R"(,"d":"AQAB")"), "that is secret"},
      {R"({"kty":"oct","k":"AQAB"})", "that is secret"},
      {R"({"use":"sig"})", "without kty"},
      {R"({"kty":7})", "without kty"},
      {"7", "that is no object"},
      {"[]", "that is no object"},
  };
  for (auto const& r : rows) {
    for (bool const with_a_good_one : {false, true}) {
      auto const set = parse_jwk_set(set_of(r.keys + (with_a_good_one ? "," + ed() : "")));
      EXPECT_NE(set.why_not.find(r.why_not), std::string::npos) << r.keys << ": " << set.why_not;
      EXPECT_TRUE(set.keys.empty());
    }
  }
  EXPECT_EQ(parse_jwk_set(set_of(ed() + ",7")).why_not, "holds a key (number 2) that is no object");
  EXPECT_EQ(parse_jwk_set(set_of(rsa(256, "") + "," + rsa(256, ""))).keys.size(), 2U) << "without a kid they are told apart by nothing";
}

TEST(jwk_set, is_one_object_with_one_list) {
  for (auto const& text : {std::string{}, std::string{"{}"}, std::string{"[]"}, set_of("") + "x",
                           R"({"keys":[],"keys":[]})" + std::string{}, set_of(ed()).substr(1), std::string{R"({"Keys":[]})"}, rsa()})
    EXPECT_EQ(parse_jwk_set(text).why_not, "must hold a JSON Web Key Set: {\"keys\": […]}, up to 256 KiB") << text;
  for (auto const* const text : {R"({"keys":{}})", R"({"keys":null})", R"({"keys":"a"})"})
    EXPECT_EQ(parse_jwk_set(text).why_not, "holds keys that are no list") << text;
}

TEST(jwk_set, is_bounded) {
  std::string keys = rsa();
  for (std::size_t i = 1; i < max_jwks_keys; ++i) keys += R"(,{"kty":"new"})";
  EXPECT_EQ(parse_jwk_set(set_of(keys)).keys.size(), 1U);
  EXPECT_EQ(parse_jwk_set(set_of(keys + R"(,{"kty":"new"})")).why_not, "holds more than 64 keys");
  auto const padded = set_of(rsa()) + std::string(max_jwks_bytes - set_of(rsa()).size(), ' ');
  EXPECT_EQ(parse_jwk_set(padded).keys.size(), 1U);
  EXPECT_NE(parse_jwk_set(padded + " ").why_not, "");
}

}  // namespace
}  // namespace gateway::jwk_set_test
