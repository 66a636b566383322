#include "io/upstream/client_tls.hpp"

#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <ctime>
#include <stdexcept>

#include "io/files/plain_file.hpp"
#include "io/runtime/authorities.hpp"

namespace gateway {
namespace {

// A slot of the gateway's own in OpenSSL's contexts; Asio uses slot 0.
int own_index() {
  static int const index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int session_index() {
  static int const index = SSL_SESSION_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// Resuming a session verifies nothing, so a session ends with the first certificate of the chain that was verified when it began.
void set_verified_until(SSL_SESSION* session, const STACK_OF(X509) * chain) {
  std::time_t first = 0;
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(sk_X509_value(chain, i)), &parts) != 1) return;
    auto const end = ::timegm(&parts);
    first = i == 0 ? end : std::min(first, end);
  }
  SSL_SESSION_set_ex_data(session, session_index(), reinterpret_cast<void*>(static_cast<std::intptr_t>(first)));
}

wall_time verified_until(const SSL_SESSION* session) {
  auto const seconds = reinterpret_cast<std::intptr_t>(SSL_SESSION_get_ex_data(session, session_index()));
  // Beyond the range of the clock in nanoseconds.
  static constexpr std::intptr_t latest = 9'000'000'000;
  return wall_time{std::chrono::seconds{std::clamp<std::intptr_t>(seconds, 0, latest)}};
}

}  // namespace

client_tls::client_tls(const origin& where, inside what) : is_used_(where.tls), name_(where.name()) {
  error_code error;
  asio::ip::make_address(name_, error);
  is_address_ = !error;

  if (!is_used_) return;
  auto* const raw = context_.native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);  // defence: tls-version
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection does not hold its last answer.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);  // defence: tls-buffers-released
  static constexpr unsigned char http_1_1[] = "\x08http/1.1";
  if (what == inside::http) SSL_CTX_set_alpn_protos(raw, http_1_1, sizeof http_1_1 - 1);
  context_.set_verify_mode(asio::ssl::verify_peer);  // defence: verify-peer
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_set_ex_data(raw, own_index(), this);
  SSL_CTX_sess_set_new_cb(raw, keep_session);
}

client_tls::client_tls(const origin& where, const std::string& ca_file, inside what) : client_tls(where, what) {
  if (!is_used_) return;
  auto why_not = ca_file == "system" ? std::string{} : why_not_plain(ca_file);
  if (!why_not.empty()) throw std::runtime_error{"CA file " + why_not};
  auto const trusted = trust_authorities(context_, ca_file, why_not);
  if (!trusted) throw std::runtime_error{"CA file '" + ca_file + "' cannot be used: " + why_not};
  authorities_ = *trusted;
}

client_tls::client_tls(const origin& where, client_tls& trusted) : client_tls(where, inside::other) {
  SSL_CTX_set1_cert_store(context_.native_handle(), SSL_CTX_get_cert_store(trusted.context_.native_handle()));
  authorities_ = trusted.authorities_;
}

bool client_tls::prepare(SSL* connection, wall_time now) {
  auto const* const host = name_.c_str();
  if (is_address_) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host) != 1) return false;  // defence: verify-address
  } else {
    if (SSL_set_tlsext_host_name(connection, host) != 1 || SSL_set1_host(connection, host) != 1) return false;  // defence: verify-name
    // A name is what the subject alternative names say, never the subject's CN (RFC 9525 §2).
    SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);  // defence: no-common-name
  }
  std::lock_guard const lock{mutex_};
  if (session_ && now >= verified_until(session_.get())) session_.reset();  // defence: session-expires
  if (session_) SSL_set_session(connection, session_.get());
  return true;
}

// A session that follows from a resumed one inherits its end, because OpenSSL copies the slot.
int client_tls::keep_session(SSL* connection, SSL_SESSION* session) {
  if (SSL_session_reused(connection) == 0) set_verified_until(session, SSL_get0_verified_chain(connection));
  auto* const self = static_cast<client_tls*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), own_index()));
  std::lock_guard const lock{self->mutex_};
  self->session_.reset(session);
  return 1;  // takes over the reference
}

}  // namespace gateway
