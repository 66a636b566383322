// A TLS connection with a client or the upstream. OpenSSL reads and writes the descriptor itself; Asio only reports when a retry is
// worthwhile. asio::ssl::stream would keep four buffers of 17 KB per connection, copy every byte once more, and need seven heap allocations
// for a cached answer (bench/README.md, "TLS").
// Thread rule: belongs to one session, or one upstream connection. Signal rule: the process ignores SIGPIPE (main does), since OpenSSL
// writes with write().
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <tuple>

#include "io/runtime/task.hpp"

namespace gateway {

// The result type of Asio's operations.
using io_result = std::tuple<error_code, std::size_t>;

class tls_stream {
public:
  enum class side { server, client };

  // Takes an open connection. `context` must outlive it.
  tls_stream(stream_socket socket, asio::ssl::context& context, side which);

  [[nodiscard]] SSL* native_handle() { return ssl_.get(); }
  [[nodiscard]] stream_socket& lowest_layer() { return socket_; }

  task<error_code> shake_hands();
  // Reads at least one byte, or reports why not.
  task<io_result> read_some(asio::mutable_buffer into);
  // Reads the available bytes: would_block if there are none, or only bytes for TLS itself.
  error_code read_now(asio::mutable_buffer into, std::size_t& size);
  // Writes what it can without waiting. After would_block the rest must be passed again, to either write function.
  std::size_t write_some(asio::const_buffer from, error_code& error);
  // Writes everything, or reports why not.
  task<io_result> write(asio::const_buffer from);
  // Sends close_notify, then discards what the peer still sends until its own close_notify, at most `most` bytes.
  task<void> say_goodbye(std::size_t most);

  // Whether received bytes are still unread.
  [[nodiscard]] bool has_pending() const { return SSL_has_pending(ssl_.get()) == 1; }

  // Frees the buffers of an idle connection, 16 KB each; OpenSSL allocates them again when needed.
  void rest() { SSL_free_buffers(ssl_.get()); }

private:
  struct release {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  bool may_go_on();
  error_code outcome(int result);
  error_code give(asio::const_buffer from, std::size_t& size);

  stream_socket socket_;
  std::unique_ptr<SSL, release> ssl_;
  stream_socket::wait_type waits_for_ = stream_socket::wait_read;
};

// Whether a handshake failed because the client speaks plain HTTP.
bool speaks_plain_http(error_code handshake_error);

// The same functions for every kind of stream: Asio's own operations need no extra coroutine.
template <class Stream>
auto read_some(Stream& stream, asio::mutable_buffer into) {
  return stream.async_read_some(into, use_op);
}
template <class Stream>
auto write_all(Stream& stream, asio::const_buffer from) {
  return asio::async_write(stream, from, use_op);
}
inline task<io_result> read_some(tls_stream& stream, asio::mutable_buffer into) { return stream.read_some(into); }
inline task<io_result> write_all(tls_stream& stream, asio::const_buffer from) { return stream.write(from); }

}  // namespace gateway
