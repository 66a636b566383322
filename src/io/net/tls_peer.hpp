// What a TLS connection tells about its client, and a watch over what it may make us do.
// Thread rule: belongs to one connection.
#pragma once

#include <openssl/ssl.h>

#include <string>

namespace gateway {

// The client's name: the first DNS, URI or e-mail name among the subject alternative names of the certificate it was verified by.
// "" without a certificate or such a name, or if the name holds anything but visible ASCII. Never the subject's CN (RFC 9525 §2).
std::string certificate_name(SSL* ssl);

// A resumed session brings its certificate along, and its dates have not been checked since.
bool has_expired_certificate(SSL* ssl);

// Counts what the client makes the TLS layer do beside carrying data (key updates, renegotiations, warnings), each of which costs us
// work and transfers nothing; ends the connection when it is too much. In force while it lives.
class message_watch {
public:
  message_watch(SSL* ssl, int descriptor);
  message_watch(const message_watch&) = delete;
  message_watch& operator=(const message_watch&) = delete;

  // Lets connections of this context be watched.
  static void serve(SSL_CTX* context);

private:
  static void note(const SSL* ssl, int where, int value);
  // Steps of the TLS machine: a handshake takes about twenty, a key update three. Clients seldom update keys by themselves.
  static constexpr unsigned max_messages = 100;

  int descriptor_;
  unsigned messages_ = 0;
};

}  // namespace gateway
