#include "io/runtime/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/sslerr.h>

#include <array>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>

namespace gateway {

tls_stream::tls_stream(stream_socket socket, asio::ssl::context& context, side which)
    : socket_(std::move(socket)), ssl_(SSL_new(context.native_handle())) {
  auto* const raw = ssl_.get();
  SSL_set_fd(raw, socket_.native_handle());
  which == side::server ? SSL_set_accept_state(raw) : SSL_set_connect_state(raw);
  SSL_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_read_ahead(raw, 1);  // reads a record's head and content in one system call
}

// The result of an OpenSSL operation. would_block: try again when the socket is ready for waits_for_.
error_code tls_stream::outcome(int result) {
  if (result > 0) return {};
  int const system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      waits_for_ = stream_socket::wait_read;
      return asio::error::would_block;
    case SSL_ERROR_WANT_WRITE:
      waits_for_ = stream_socket::wait_write;
      return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return asio::error::eof;
    case SSL_ERROR_SYSCALL:
      if (system_error != 0) return {system_error, boost::system::system_category()};
      return asio::ssl::error::stream_truncated;
    default:
      return {static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()};
  }
}

// The descriptor number of a closed socket may belong to another connection by now, so OpenSSL must not touch it.
bool tls_stream::may_go_on() {
  ERR_clear_error();  // an earlier error of another stream would be mistaken for ours
  errno = 0;
  return socket_.is_open();
}

error_code tls_stream::read_now(asio::mutable_buffer into, std::size_t& size) {
  if (!may_go_on()) return asio::error::operation_aborted;
  return outcome(SSL_read_ex(ssl_.get(), into.data(), into.size(), &size));
}

error_code tls_stream::give(asio::const_buffer from, std::size_t& size) {
  if (!may_go_on()) return asio::error::operation_aborted;
  return outcome(SSL_write_ex(ssl_.get(), from.data(), from.size(), &size));
}

task<error_code> tls_stream::shake_hands() {
  while (may_go_on()) {
    auto const error = outcome(SSL_do_handshake(ssl_.get()));
    if (error != asio::error::would_block) co_return error;
    auto const [failed] = co_await socket_.async_wait(waits_for_, use_op);
    if (failed) co_return failed;
  }
  co_return asio::error::operation_aborted;
}

task<io_result> tls_stream::read_some(asio::mutable_buffer into) {
  std::size_t size = 0;
  error_code error = asio::error::would_block;
  waits_for_ = stream_socket::wait_read;
  // After an answer the next request has seldom arrived already, so a read at once would waste a system call.
  if (has_pending()) error = read_now(into, size);
  while (error == asio::error::would_block) {
    auto const [failed] = co_await socket_.async_wait(waits_for_, use_op);
    error = failed ? failed : read_now(into, size);
  }
  co_return io_result{error, size};
}

std::size_t tls_stream::write_some(asio::const_buffer from, error_code& error) {
  std::size_t sent = 0;
  while (sent < from.size() && !error) {
    std::size_t some = 0;
    error = give(from + sent, some);
    sent += some;
  }
  return sent;
}

task<io_result> tls_stream::write(asio::const_buffer from) {
  error_code error;
  auto sent = write_some(from, error);
  while (error == asio::error::would_block) {
    auto const [failed] = co_await socket_.async_wait(waits_for_, use_op);
    error = failed;
    if (!failed) sent += write_some(from + sent, error);
  }
  co_return io_result{error, sent};
}

task<void> tls_stream::say_goodbye(std::size_t most) {
  error_code error;
  do {
    // 0: our close_notify is sent, the peer's has not arrived yet.
    error = may_go_on() ? outcome(SSL_shutdown(ssl_.get()) < 0 ? -1 : 1) : asio::error::operation_aborted;
    if (error != asio::error::would_block) break;
    auto const [failed] = co_await socket_.async_wait(waits_for_, use_op);
    error = failed;
  } while (!error);
  std::array<char, 2048> bytes{};
  for (std::size_t discarded = 0; !error && discarded < most;) {
    auto const into = asio::buffer(bytes);
    auto const [failed, size] = co_await read_some(into);
    error = failed;
    discarded += size;
  }
}

bool speaks_plain_http(error_code handshake_error) {
  if (handshake_error.category() != asio::error::get_ssl_category()) return false;
  int const reason = ERR_GET_REASON(static_cast<unsigned long>(handshake_error.value()));
  return reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST;
}

}  // namespace gateway
