#include "core/base/hmac_sha1.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <new>

#include "core/base/octets.hpp"
#include "core/base/text.hpp"

namespace gateway {

std::string sha1_in_hex(std::string_view bytes) {
  std::array<unsigned char, SHA_DIGEST_LENGTH> hash{};
  SHA1(octets_of(bytes), bytes.size(), hash.data());
  return hex_of(view_of(hash));
}

struct hmac_sha1::prepared {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(algorithm);

  prepared() = default;
  prepared(const prepared&) = delete;
  prepared& operator=(const prepared&) = delete;
  ~prepared() {
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(algorithm);
  }
};

hmac_sha1::hmac_sha1(std::string_view key) : prepared_(std::make_unique<prepared>()) {
  std::array<char, 5> name{'S', 'H', 'A', '1', '\0'};
  std::array<OSSL_PARAM, 2> const parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
                                             OSSL_PARAM_construct_end()};
  if (prepared_->context == nullptr || EVP_MAC_init(prepared_->context, octets_of(key), key.size(), parameters.data()) != 1)
    throw std::bad_alloc{};
}

hmac_sha1::~hmac_sha1() = default;
hmac_sha1::hmac_sha1(hmac_sha1&&) noexcept = default;
hmac_sha1& hmac_sha1::operator=(hmac_sha1&&) noexcept = default;

hmac_sha1::code hmac_sha1::of(std::string_view text) {
  code made{};
  std::size_t size = 0;
  auto* const context = prepared_->context;
  bool const good = EVP_MAC_init(context, nullptr, 0, nullptr) == 1 && EVP_MAC_update(context, octets_of(text), text.size()) == 1 &&
                    EVP_MAC_final(context, reinterpret_cast<unsigned char*>(made.data()), &size, made.size()) == 1;
  if (!good || size != made.size()) throw std::bad_alloc{};
  return made;
}

}  // namespace gateway
