// Real keys and signatures of JWTs: what the issuer signed passes, and nothing else does.
#include "io/files/public_key.hpp"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include <chrono>
#include <string>
#include <vector>

#include "net/tls_client.hpp"

namespace gateway::test::public_key_test {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;

std::string number_of(EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* value = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &value), 1);
  std::string bytes(static_cast<std::size_t>(size == 0 ? BN_num_bytes(value) : size), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  BN_free(value);
  return bytes;
}

struct signer {
  key_pointer key;
  jwk as_jwk;

  // With r and s as a JWT has them.
  [[nodiscard]] std::string sign(std::string_view text) const {
    std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>> const context{EVP_MD_CTX_new()};
    auto const* const hash = as_jwk.algorithm == jwt_algorithm::eddsa ? nullptr : EVP_sha256();
    std::string signature(1024, '\0');
    auto size = signature.size();
    auto* const out = reinterpret_cast<unsigned char*>(signature.data());
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, key.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), out, &size, reinterpret_cast<const unsigned char*>(text.data()), text.size()), 1);
    signature.resize(size);
    return as_jwk.algorithm == jwt_algorithm::es256 ? raw_of(signature) : signature;
  }
  static std::string raw_of(const std::string& der) {
    auto const* bytes = reinterpret_cast<const unsigned char*>(der.data());
    std::unique_ptr<ECDSA_SIG, freed_by<ECDSA_SIG_free>> const pair{d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size()))};
    std::string raw(64, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + 32, 32);
    return raw;
  }
};

signer rsa_signer(unsigned bits = 2048) {
  key_pointer key{EVP_RSA_gen(bits)};
  jwk made{"rsa", jwt_algorithm::rs256, number_of(key.get(), OSSL_PKEY_PARAM_RSA_N), number_of(key.get(), OSSL_PKEY_PARAM_RSA_E)};
  return {std::move(key), std::move(made)};
}
signer p256_signer() {
  key_pointer key{EVP_EC_gen("P-256")};
  jwk made{"ec", jwt_algorithm::es256, number_of(key.get(), OSSL_PKEY_PARAM_EC_PUB_X, 32),
           number_of(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y, 32)};
  return {std::move(key), std::move(made)};
}
signer ed25519_signer() {
  key_pointer key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
  std::string x(32, '\0');
  auto size = x.size();
  EXPECT_EQ(EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(x.data()), &size), 1);
  return {std::move(key), {"ed", jwt_algorithm::eddsa, x, ""}};
}

std::vector<signer> signers() {
  std::vector<signer> all;
  all.push_back(rsa_signer());
  all.push_back(p256_signer());
  all.push_back(ed25519_signer());
  return all;
}

TEST(public_key, passes_what_its_owner_signed_and_nothing_else) {
  constexpr std::string_view text = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0";
  auto const all = signers();
  for (auto const& one : all) {
    SCOPED_TRACE(one.as_jwk.id);
    auto const check = make_check(one.as_jwk);
    ASSERT_NE(check, nullptr);
    auto const good = one.sign(text);
    ASSERT_EQ(good.size(), one.as_jwk.signature_size());
    EXPECT_TRUE(check->passes(text, good));
    EXPECT_FALSE(check->passes(std::string{text} + "x", good));
    EXPECT_FALSE(check->passes("", good));
    for (std::size_t i = 0; i < good.size(); ++i) {
      auto changed = good;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(check->passes(text, changed)) << i;
    }
    EXPECT_FALSE(check->passes(text, std::string(good.size(), '\0'))) << "r = s = 0";
    EXPECT_FALSE(check->passes(text, std::string(good.size(), '\xff')));
    EXPECT_FALSE(check->passes(text, good.substr(1)));
    EXPECT_FALSE(check->passes(text, good + '\0'));
    for (auto const& other : all) {
      if (&other == &one) continue;
      EXPECT_FALSE(check->passes(text, other.sign(text))) << "by the key " << other.as_jwk.id;
    }
  }
  EXPECT_FALSE(make_check(all[1].as_jwk)->passes(text, p256_signer().sign(text))) << "another key of the same kind";
}

TEST(public_key, numbers_that_are_no_key_make_none) {
  auto ec = p256_signer().as_jwk;
  ec.first[5] = static_cast<char>(ec.first[5] ^ 1);
  EXPECT_EQ(make_check(ec), nullptr) << "not on the curve";
  ec.first = ec.second = std::string(32, '\0');
  EXPECT_EQ(make_check(ec), nullptr);
  auto rsa = rsa_signer().as_jwk;
  rsa.first.back() = static_cast<char>(rsa.first.back() ^ 1);
  EXPECT_EQ(make_check(rsa), nullptr) << "an even modulus";
}

}  // namespace
}  // namespace gateway::test::public_key_test
