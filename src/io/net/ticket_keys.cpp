#include "io/net/ticket_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <cstring>

#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

int ticket_keys_index() {
  static int const index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool prepare(const ticket_key& key, const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int encrypt) {
  char digest[] = "SHA256";
  auto secret = key.mac;
  OSSL_PARAM const parameters[] = {OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret.data(), secret.size()),
                                   OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  bool const ready = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv, encrypt) == 1 &&
                     EVP_MAC_CTX_set_params(mac, parameters) == 1;
  sodium_memzero(secret.data(), secret.size());
  return ready;
}

// OpenSSL's contract: -1 failure, 0 unknown key (full handshake), 1 success, 2 success, but issue a new ticket.
int use_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int encrypt) {
  auto* const keys = static_cast<ticket_keys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), ticket_keys_index()));
  if (encrypt == 1) {
    auto key = keys->current(mono_now());
    std::memcpy(name, key.name.data(), key.name.size());
    randombytes_buf(iv, static_cast<std::size_t>(EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())));
    bool const ready = prepare(key, iv, cipher, mac, encrypt);
    sodium_memzero(&key, sizeof key);
    return ready ? 1 : -1;
  }
  auto known = keys->find(name, mono_now());
  if (!known) return 0;
  bool const ready = prepare(known->key, iv, cipher, mac, encrypt);
  sodium_memzero(&known->key, sizeof known->key);
  if (!ready) return -1;
  return known->is_current ? 1 : 2;
}

}  // namespace

ticket_keys::~ticket_keys() {
  sodium_memzero(&current_, sizeof current_);
  sodium_memzero(&previous_, sizeof previous_);
}

ticket_key ticket_keys::current(mono_time now) {
  std::lock_guard const lock{mutex_};
  rotate(now);
  return current_;
}

std::optional<ticket_keys::found> ticket_keys::find(const unsigned char* name, mono_time now) {
  std::lock_guard const lock{mutex_};
  rotate(now);
  if (std::memcmp(name, current_.name.data(), current_.name.size()) == 0) return found{current_, true};
  bool const known = now < previous_until_ && std::memcmp(name, previous_.name.data(), previous_.name.size()) == 0;
  return known ? std::optional{found{previous_, false}} : std::nullopt;
}

void ticket_keys::rotate(mono_time now) {
  bool const first = made_at_ == mono_time::min();
  if (!first && now < made_at_ + lifetime_) return;
  if (!first) previous_until_ = made_at_ + 2 * lifetime_;
  previous_ = current_;
  randombytes_buf(&current_, sizeof current_);
  made_at_ = now;
}

void ticket_keys::serve(SSL_CTX* context) {
  if (lifetime_.count() == 0) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    return;
  }
  SSL_CTX_set_ex_data(context, ticket_keys_index(), this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, use_ticket_key);
  SSL_CTX_set_timeout(context, std::chrono::ceil<std::chrono::seconds>(2 * lifetime_).count());
}

}  // namespace gateway
