#include "channel.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "tool.hpp"

namespace tool {

namespace {

tls_context context(const SSL_METHOD* method) {
  tls_context made(SSL_CTX_new(method));
  if (!made || SSL_CTX_set_min_proto_version(made.get(), TLS1_3_VERSION) != 1) stop(70, "OpenSSL makes no context");
  SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(made.get(), 1);  // head and body of a record in one recv
  return made;
}

}  // namespace

tls_context client_context() {
  auto made = context(TLS_client_method());
  if (SSL_CTX_set_ciphersuites(made.get(), "TLS_AES_256_GCM_SHA384") != 1 || SSL_CTX_set1_groups_list(made.get(), "X25519") != 1)
    stop(70, "OpenSSL knows neither the cipher nor the group");
  return made;
}

tls_context server_context(const std::string& pem_file) {
  auto made = context(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(made.get(), pem_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(made.get(), pem_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    stop(70, pem_file + " holds no certificate with its key");
  }
  return made;
}

channel::channel(int socket, SSL_CTX* tls) : socket_(socket) {
  if (!tls) return;
  tls_.reset(SSL_new(tls));
  if (!tls_ || SSL_set_fd(tls_.get(), socket) != 1) stop(70, "OpenSSL takes no descriptor");
}

channel channel::client(int socket, SSL_CTX* tls) {
  channel made(socket, tls);
  if (tls) {
    SSL_set_connect_state(made.tls_.get());
    SSL_set_tlsext_host_name(made.tls_.get(), "localhost");
  }
  return made;
}

channel channel::server(int socket, SSL_CTX* tls) {
  channel made(socket, tls);
  if (tls) SSL_set_accept_state(made.tls_.get());
  return made;
}

channel::channel(channel&& other) noexcept : socket_(std::exchange(other.socket_, -1)), tls_(std::move(other.tls_)) {}

channel& channel::operator=(channel&& other) noexcept {
  close();
  socket_ = std::exchange(other.socket_, -1);
  tls_ = std::move(other.tls_);
  return *this;
}

ssize_t channel::receive(std::span<char> to) {
  if (!tls_) return recv(socket_, to.data(), to.size(), 0);
  ERR_clear_error();
  const int got = SSL_read(tls_.get(), to.data(), static_cast<int>(to.size()));
  return got > 0 ? got : failed(got);
}

ssize_t channel::send(std::string_view bytes) {
  if (!tls_) return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  ERR_clear_error();
  const int sent = SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
  return sent > 0 ? sent : failed(sent);
}

ssize_t channel::send_gathered(std::span<iovec> pieces) {
  if (pieces.size() == 1) return send({static_cast<const char*>(pieces[0].iov_base), pieces[0].iov_len});
  if (!tls_) {
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    return sendmsg(socket_, &message, MSG_NOSIGNAL);
  }
  static std::array<char, 16384> record;  // of the tool's one thread
  std::size_t size = 0;
  for (const auto& piece : pieces) {
    const std::size_t taken = std::min(piece.iov_len, record.size() - size);
    std::memcpy(record.data() + size, piece.iov_base, taken);
    size += taken;
  }
  return send({record.data(), size});
}

ssize_t channel::failed(int result) {
  switch (SSL_get_error(tls_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      errno = EAGAIN;
      return -1;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_SYSCALL:
      return errno == 0 ? 0 : -1;
    default:
      errno = EPROTO;
      return -1;
  }
}

bool channel::shake_hands() {
  if (!tls_) return true;
  ERR_clear_error();
  const int done = SSL_do_handshake(tls_.get());
  return done == 1 || (failed(done), false);
}

void channel::close() {
  if (socket_ < 0) return;
  if (tls_ && SSL_is_init_finished(tls_.get())) SSL_shutdown(tls_.get());
  tls_.reset();
  ::close(std::exchange(socket_, -1));
}

}  // namespace tool
