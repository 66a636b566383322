// What a TLS connection shows about its client, and a limit on the work that the client may cause.
// Thread rule: belongs to one connection.
#pragma once

#include <openssl/ssl.h>

#include <boost/system/result.hpp>

#include "core/auth/certificate_names.hpp"

namespace gateway {

// The DNS, URI and e-mail names among the subject alternative names of a client's verified certificate, or why they prove nothing. Null has
// none. Never the subject's CN (RFC 9525 §2).
boost::system::result<certificate_names, proof_refusal> names_in_certificate(const X509* certificate);

// A resumed session brings its certificate along, but its dates have not been checked again.
bool has_expired_certificate(SSL* ssl);

// Counts the TLS work of a client that transfers no data (key updates, renegotiations, warnings), since each step costs us; ends the
// connection if there are too many. Active for its lifetime.
class message_watch {
public:
  message_watch(SSL* ssl, int descriptor);
  message_watch(const message_watch&) = delete;
  message_watch& operator=(const message_watch&) = delete;

  // Enables the watch for connections of this context.
  static void serve(SSL_CTX* context);

private:
  static void note(const SSL* ssl, int where, int value);
  // Steps of OpenSSL's state machine: a handshake takes about twenty, a key update three. Clients seldom update keys by themselves.
  static constexpr unsigned max_messages = 100;

  int descriptor_;
  unsigned messages_ = 0;
};

}  // namespace gateway
