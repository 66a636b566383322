// The TLS client side towards the upstream or the engine: TLS 1.2+, chain and host name always verified, SNI, ALPN, session resumption
// while the certificates that were verified are valid. Thread rule: made at start and shared by all workers, so that each worker can resume
// a session of any other.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/keyed_hash.hpp"
#include "core/base/time.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/settings.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

class client_tls {
public:
  // What is spoken inside; http is offered by ALPN.
  enum class inside : std::uint8_t { http, other };

  // Throws std::runtime_error with a sentence that names the file.
  client_tls(const origin& where, const std::string& ca_file, inside what = inside::http);
  // For another host that the same authorities vouch for, without reading their file again. It has sessions of its own: a resumed session
  // is not verified anew.
  client_tls(const origin& where, client_tls& trusted);
  client_tls(const client_tls&) = delete;
  client_tls& operator=(const client_tls&) = delete;

  [[nodiscard]] bool is_used() const { return is_used_; }
  [[nodiscard]] asio::ssl::context& context() { return context_; }

  // A digest of the authorities as they were read.
  [[nodiscard]] const digest& authorities() const { return authorities_; }

  // Prepares a handshake: the expected name, and the session to resume if there is one. False: this has failed, and the handshake must not
  // start.
  [[nodiscard]] bool prepare(SSL* connection, wall_time now);

private:
  client_tls(const origin& where, inside what);
  static int keep_session(SSL* connection, SSL_SESSION* session);

  struct free_session {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };

  bool is_used_;
  std::string name_;  // that certificates must prove
  bool is_address_;
  digest authorities_{};
  asio::ssl::context context_{asio::ssl::context::tls_client};
  std::mutex mutex_;
  std::unique_ptr<SSL_SESSION, free_session> session_;  // the newest session of the upstream; protected by mutex_
};

}  // namespace gateway
