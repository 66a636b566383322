// One end of a connection, plain or with OpenSSL on its descriptor. Reads and writes as recv and send do, EAGAIN included, so that the
// tools' epoll loops are the same for both. Used by one thread.
#pragma once

#include <openssl/ssl.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tool {

struct free_ssl {
  void operator()(SSL* gone) const { SSL_free(gone); }
  void operator()(SSL_CTX* gone) const { SSL_CTX_free(gone); }
};
using tls_context = std::unique_ptr<SSL_CTX, free_ssl>;

// TLS 1.3 with one cipher, the same for every server under measurement; certificates are not judged, their signatures are.
tls_context client_context();
// One PEM file with the certificate and its key; session tickets as OpenSSL has them, which is on.
tls_context server_context(const std::string& pem_file);

class channel {
public:
  channel() = default;
  // Takes the socket over. A null context: plain. The handshake happens with the first receive or send.
  static channel client(int socket, SSL_CTX* tls);
  static channel server(int socket, SSL_CTX* tls);
  channel(channel&& other) noexcept;
  channel& operator=(channel&& other) noexcept;
  ~channel() { close(); }

  // As recv and send: bytes, 0 at the end, or -1 with errno; EPROTO for what only TLS can say.
  ssize_t receive(std::span<char> to);
  ssize_t send(std::string_view bytes);
  // The same with bytes from several places. Over TLS at most what one record takes.
  ssize_t send_gathered(std::span<iovec> pieces);
  // Bytes that OpenSSL has read already: epoll will not tell of them.
  bool has_pending() const { return tls_ && SSL_has_pending(tls_.get()) == 1; }
  // At once, on a socket that still blocks; false with errno.
  bool shake_hands();
  // With close_notify, if there is anybody to understand it.
  void close();

  int socket() const { return socket_; }

private:
  channel(int socket, SSL_CTX* tls);
  ssize_t failed(int result);

  int socket_ = -1;
  std::unique_ptr<SSL, free_ssl> tls_;
};

}  // namespace tool
