#include "io/upstream/client_tls.hpp"

#include <boost/asio/ip/address.hpp>
#include <stdexcept>

namespace gateway {
namespace {

// A slot of the gateway's own in OpenSSL's contexts; Asio uses slot 0.
int own_index() {
  static int const index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

client_tls::client_tls(const origin& where, const std::string& ca_file) : where_(where) {
  error_code error;
  asio::ip::make_address(where_.host, error);
  is_address_ = !error;

  if (!where_.tls) return;
  auto* const raw = context_.native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);  // defence: tls-version
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection does not hold its last answer.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);  // defence: tls-buffers-released
  static constexpr unsigned char http_1_1[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(raw, http_1_1, sizeof http_1_1 - 1);
  context_.set_verify_mode(asio::ssl::verify_peer);  // defence: verify-peer
  if (ca_file == "system") {
    context_.set_default_verify_paths(error);
  } else {
    context_.load_verify_file(ca_file, error);
  }
  if (error) throw std::runtime_error{"CA file '" + ca_file + "' cannot be used: " + error.message()};

  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_set_ex_data(raw, own_index(), this);
  SSL_CTX_sess_set_new_cb(raw, keep_session);
}

bool client_tls::prepare(SSL* connection) {
  auto const* const host = where_.host.c_str();
  if (is_address_) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host) != 1) return false;  // defence: verify-address
  } else {
    if (SSL_set_tlsext_host_name(connection, host) != 1 || SSL_set1_host(connection, host) != 1) return false;  // defence: verify-name
    SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  }
  std::lock_guard const lock{mutex_};
  if (session_) SSL_set_session(connection, session_.get());
  return true;
}

int client_tls::keep_session(SSL* connection, SSL_SESSION* session) {
  auto* const self = static_cast<client_tls*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), own_index()));
  std::lock_guard const lock{self->mutex_};
  self->session_.reset(session);
  return 1;  // takes over the reference
}

}  // namespace gateway
