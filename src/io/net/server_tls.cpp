#include "io/net/server_tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

#include <string_view>

#include "io/files/plain_file.hpp"
#include "io/net/ticket_keys.hpp"
#include "io/net/tls_peer.hpp"
#include "io/runtime/authorities.hpp"
#include "io/runtime/certificate_times.hpp"

namespace gateway {
namespace {

// TLS 1.2 with forward secrecy and AEAD only; TLS 1.3 has no other suites.
constexpr auto tls12_suites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

// The groups that clients use. OpenSSL would also accept finite-field exchanges of 8192 bits, which cost us 100 times as much.
constexpr auto groups = "X25519:P-256:P-384";

int choose_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned size, void*) {
  static constexpr unsigned char wanted[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  int const found = SSL_select_next_proto(&chosen, out_size, wanted, sizeof wanted - 1, offered, size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A context and the objects that it refers to.
struct server_context {
  explicit server_context(std::chrono::nanoseconds ticket_lifetime) : tickets(ticket_lifetime) {}
  ticket_keys tickets;
  asio::ssl::context context{asio::ssl::context::tls_server};
};

// `client_authorities`: a digest of those that client certificates are verified by.
std::shared_ptr<asio::ssl::context> make_context(const tls_settings& settings, std::string& why_not, digest& client_authorities) {
  auto const owner = std::make_shared<server_context>(settings.ticket_lifetime);
  std::shared_ptr<asio::ssl::context> context{owner, &owner->context};
  auto* const raw = context->native_handle();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);  // defence: no-renegotiation
  SSL_CTX_set_cipher_list(raw, tls12_suites);
  SSL_CTX_set1_groups_list(raw, groups);  // defence: tls-groups
  SSL_CTX_set_alpn_select_cb(raw, choose_http_1_1, nullptr);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);  // sessions are stored in tickets, at the client
  owner->tickets.serve(raw);
  message_watch::serve(raw);
  SSL_CTX_set_session_id_context(raw, reinterpret_cast<const unsigned char*>("gateway"), 7);

  error_code error;
  auto const failed = [&](std::string_view what, const std::string& file) {
    if (error) why_not = std::string{what} + " '" + file + "' cannot be used: " + error.message();
    return error.failed();
  };
  for (auto const* const one : {&settings.certificate, &settings.key, &settings.client_ca}) {
    if (!one->empty()) why_not = why_not_plain(*one);
    if (!why_not.empty()) return nullptr;
  }
  context->use_certificate_chain_file(settings.certificate, error);
  if (failed("certificate", settings.certificate)) return nullptr;
  // A password prompt at a terminal would block a service, so an encrypted key counts as unusable.
  context->set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string{}; }, error);
  context->use_private_key_file(settings.key, asio::ssl::context::pem, error);
  if (error && ERR_GET_REASON(static_cast<unsigned long>(error.value())) == X509_R_KEY_VALUES_MISMATCH) {
    why_not = "key '" + settings.key + "' does not belong to certificate '" + settings.certificate + "'";
    return nullptr;
  }
  if (failed("key", settings.key)) return nullptr;
  if (!settings.client_ca.empty()) {
    std::string reason;
    auto const trusted = trust_authorities(*context, settings.client_ca, reason);
    if (!trusted) {
      why_not = "client_ca '" + settings.client_ca + "' cannot be used: " + reason;
      return nullptr;
    }
    client_authorities = *trusted;
    context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  }
  return context;
}

}  // namespace

std::shared_ptr<asio::ssl::context> make_server_tls(const tls_settings& settings, std::string& why_not) {
  digest unused{};
  return make_context(settings, why_not, unused);
}

published_tls::pointer make_listener_tls(const tls_settings& settings, std::string& why_not) {
  digest client_authorities{};
  auto context = make_context(settings, why_not, client_authorities);
  if (!context) return nullptr;
  auto const* const certificate = SSL_CTX_get0_certificate(context->native_handle());
  auto const life = life_of(certificate);
  return std::make_shared<const listener_tls>(listener_tls{std::move(context), life, client_authorities});
}

void replace_tls(published_tls& published, published_tls::pointer next) {
  auto const before = published.get();
  auto const changed = before->client_authorities != next->client_authorities;
  published.replace(std::move(next));
  if (changed) before->withdrawn->store(true, std::memory_order_relaxed);  // defence: client-ca-withdrawn
}

}  // namespace gateway
