#include "io/files/public_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <string>

#include "core/base/octets.hpp"

namespace gateway {
namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* one) const {
    Free(one);
  }
};
using key_pointer = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using key_context = std::unique_ptr<EVP_PKEY_CTX, freed_by<EVP_PKEY_CTX_free>>;
using digest_context = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;
using number = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using parameter_builder = std::unique_ptr<OSSL_PARAM_BLD, freed_by<OSSL_PARAM_BLD_free>>;
using parameters = std::unique_ptr<OSSL_PARAM, freed_by<OSSL_PARAM_free>>;

number number_of(std::string_view bytes) { return number{BN_bin2bn(octets_of(bytes), static_cast<int>(bytes.size()), nullptr)}; }

// Also asks whether the numbers are a key of that kind at all.
key_pointer key_from(const char* kind, OSSL_PARAM_BLD* from) {
  parameters const with{OSSL_PARAM_BLD_to_param(from)};
  key_context const making{EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr)};
  EVP_PKEY* made = nullptr;
  bool const good = with && making && EVP_PKEY_fromdata_init(making.get()) == 1 &&
                    EVP_PKEY_fromdata(making.get(), &made, EVP_PKEY_PUBLIC_KEY, with.get()) == 1;
  key_pointer key{made};
  if (!good) return nullptr;
  key_context const judging{EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr)};
  bool const is_key = judging && EVP_PKEY_public_check(judging.get()) == 1;  // defence: jwk-is-key
  return is_key ? std::move(key) : nullptr;
}

key_pointer rsa_key(const jwk& from) {
  auto const n = number_of(from.first), e = number_of(from.second);
  parameter_builder const builder{OSSL_PARAM_BLD_new()};
  bool const good = n && e && builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
                    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1;
  return good ? key_from("RSA", builder.get()) : nullptr;
}

key_pointer p256_key(const jwk& from) {
  auto const point = "\x04" + from.first + from.second;  // SEC 1 §2.3.3, not compressed
  parameter_builder const builder{OSSL_PARAM_BLD_new()};
  bool const good = builder && OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
                    OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1;
  return good ? key_from("EC", builder.get()) : nullptr;
}

key_pointer ed25519_key(const jwk& from) {
  return key_pointer{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets_of(from.first), from.first.size())};
}

key_pointer key_of(const jwk& from) {
  switch (from.algorithm) {
    case jwt_algorithm::rs256:
      return rsa_key(from);
    case jwt_algorithm::es256:
      return p256_key(from);
    case jwt_algorithm::eddsa:
      break;
  }
  return ed25519_key(from);
}

// JWTs have r and s one behind the other (RFC 7518 §3.4), OpenSSL wants them as DER. "" if that cannot be made.
std::string der_of(std::string_view pair) {
  auto const half = pair.size() / 2;
  auto r = number_of(pair.substr(0, half)), s = number_of(pair.substr(half));
  std::unique_ptr<ECDSA_SIG, freed_by<ECDSA_SIG_free>> const made{ECDSA_SIG_new()};
  if (!r || !s || !made || ECDSA_SIG_set0(made.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());  // they are its own now
  static_cast<void>(s.release());
  unsigned char* bytes = nullptr;
  int const size = i2d_ECDSA_SIG(made.get(), &bytes);
  std::string der;
  if (size > 0) der.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

class openssl_check final : public signature_check {
public:
  openssl_check(jwt_algorithm algorithm, key_pointer key) : algorithm_(algorithm), key_(std::move(key)) {}

  [[nodiscard]] bool passes(std::string_view text, std::string_view signature) const override {
    auto const* const hash = algorithm_ == jwt_algorithm::eddsa ? nullptr : EVP_sha256();
    auto const der = algorithm_ == jwt_algorithm::es256 ? der_of(signature) : std::string{signature};
    digest_context const judging{EVP_MD_CTX_new()};
    return judging && EVP_DigestVerifyInit(judging.get(), nullptr, hash, nullptr, key_.get()) == 1 &&
           EVP_DigestVerify(judging.get(), octets_of(der), der.size(), octets_of(text), text.size()) == 1;
  }

private:
  jwt_algorithm algorithm_;
  key_pointer key_;
};

}  // namespace

std::shared_ptr<const signature_check> make_check(const jwk& key) {
  auto made = key_of(key);
  if (made == nullptr) return nullptr;
  return std::make_shared<const openssl_check>(key.algorithm, std::move(made));
}

}  // namespace gateway
