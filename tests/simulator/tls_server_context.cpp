#include "tls_server_context.hpp"

#include <boost/asio/buffer.hpp>

namespace simulator {

namespace asio = boost::asio;
namespace {

int choose_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

}  // namespace

asio::ssl::context tls_server_context(const std::string& chain_pem, const std::string& key_pem) {
  asio::ssl::context tls{asio::ssl::context::tls_server};
  SSL_CTX* const native = tls.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION);
  static constexpr unsigned char name[] = "twilio-simulator";
  SSL_CTX_set_session_id_context(native, name, sizeof name - 1);
  SSL_CTX_set_alpn_select_cb(native, choose_http_1_1, nullptr);
  tls.use_certificate_chain(asio::buffer(chain_pem));
  tls.use_private_key(asio::buffer(key_pem), asio::ssl::context::pem);
  return tls;
}

}  // namespace simulator
