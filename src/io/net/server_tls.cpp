#include "io/net/server_tls.hpp"

#include <openssl/ssl.h>

#include <string_view>

namespace gateway {
namespace {

// 1.2 with forward secrecy and AEAD only; 1.3 has nothing else.
constexpr auto tls12_suites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

int choose_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned size, void*) {
  static constexpr unsigned char wanted[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  int const found = SSL_select_next_proto(&chosen, out_size, wanted, sizeof wanted - 1, offered, size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

std::shared_ptr<asio::ssl::context> make_server_tls(const tls_settings& settings, std::string& why_not) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  auto* const raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(raw, tls12_suites);
  SSL_CTX_set_alpn_select_cb(raw, choose_http_1_1, nullptr);
  SSL_CTX_set_session_id_context(raw, reinterpret_cast<const unsigned char*>("gateway"), 7);

  error_code error;
  auto const failed = [&](std::string_view what, const std::string& file) {
    if (error) why_not = std::string{what} + " '" + file + "' cannot be used: " + error.message();
    return error.failed();
  };
  context->use_certificate_chain_file(settings.certificate, error);
  if (failed("certificate", settings.certificate)) return nullptr;
  // Asking at a terminal would hang a service: an encrypted key is a key that cannot be used.
  context->set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string{}; }, error);
  context->use_private_key_file(settings.key, asio::ssl::context::pem, error);
  if (failed("key", settings.key)) return nullptr;
  if (!settings.client_ca.empty()) {
    context->load_verify_file(settings.client_ca, error);
    if (failed("client_ca", settings.client_ca)) return nullptr;
    context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  return context;
}

}  // namespace gateway
