// The client side of TLS, driven step by step by the test, and a certificate that lives as long as the test.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gateway::test {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* what) const {
    Free(what);
  }
};

// For "localhost", self-signed; the test client trusts any certificate.
inline std::shared_ptr<boost::asio::ssl::context> server_tls_context() {
  std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>> const key{EVP_EC_gen("P-256")};
  std::unique_ptr<X509, freed_by<X509_free>> const certificate{X509_new()};
  auto* const raw = certificate.get();
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
  X509_gmtime_adj(X509_getm_notBefore(raw), -60);
  X509_gmtime_adj(X509_getm_notAfter(raw), 3600);
  X509_set_pubkey(raw, key.get());
  auto* const name = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(raw, name);
  bool const sound = key && X509_sign(raw, key.get(), EVP_sha256()) > 0;
  auto context = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  bool const used = sound && SSL_CTX_use_certificate(context->native_handle(), raw) == 1 &&
                    SSL_CTX_use_PrivateKey(context->native_handle(), key.get()) == 1;
  if (!used) throw std::runtime_error{"no certificate could be made"};
  return context;
}

// It has no socket: the test moves the bytes.
class tls_client {
public:
  tls_client() : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_.get())) {
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
  }

  // Takes the server's bytes; plain() then also contains the decrypted ones.
  void receive(std::string_view bytes) {
    if (!bytes.empty()) BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    step();
  }
  void write(std::string_view plain) {
    SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
    ERR_clear_error();
  }
  // Sends a key update at once and requests one in return.
  void update_keys() {
    SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(ssl_.get());
    ERR_clear_error();
  }
  void say_goodbye() { SSL_shutdown(ssl_.get()); }
  // The bytes to send to the server.
  std::string take() {
    std::string bytes(BIO_ctrl_pending(SSL_get_wbio(ssl_.get())), '\0');
    if (!bytes.empty()) BIO_read(SSL_get_wbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  [[nodiscard]] bool connected() const { return SSL_is_init_finished(ssl_.get()) == 1; }
  [[nodiscard]] bool heard_goodbye() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  [[nodiscard]] const std::string& plain() const { return plain_; }

private:
  void step() {
    char part[4096];
    int got = 0;
    while ((got = SSL_read(ssl_.get(), part, sizeof part)) > 0) plain_.append(part, static_cast<std::size_t>(got));
    ERR_clear_error();
  }

  std::unique_ptr<SSL_CTX, freed_by<SSL_CTX_free>> context_;
  std::unique_ptr<SSL, freed_by<SSL_free>> ssl_;
  std::string plain_;
};

}  // namespace gateway::test
