// A connection over TLS, of a client's or to the upstream: OpenSSL reads and writes the descriptor itself, and Asio only tells when it is
// worth trying again. asio::ssl::stream would keep four buffers of 17 KB for each connection, copy every byte once more, and need seven
// heap allocations for a cached answer (bench/README.md, "TLS").
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

// As Asio's operations have it.
using io_result = std::tuple<error_code, std::size_t>;

class tls_stream {
public:
  enum class side { server, client };

  // Over an open connection. `context` must outlive it.
  tls_stream(stream_socket socket, asio::ssl::context& context, side which);

  [[nodiscard]] SSL* native_handle() { return ssl_.get(); }
  [[nodiscard]] stream_socket& lowest_layer() { return socket_; }

  task<error_code> shake_hands();
  // At least one byte, or why not.
  task<io_result> read_some(asio::mutable_buffer into);
  // What is there: would_block if that is nothing, or was for TLS itself.
  error_code read_now(asio::mutable_buffer into, std::size_t& size);
  // What goes without waiting. After would_block the rest must be given again, to whichever of these.
  std::size_t write_some(asio::const_buffer from, error_code& error);
  // All of it, or why not.
  task<io_result> write(asio::const_buffer from);
  // Says that nothing more will come, and takes in what the client still sends until it says so too; at most so many bytes.
  task<void> say_goodbye(std::size_t most);

  // Whether bytes have been received that were not read yet.
  [[nodiscard]] bool has_pending() const { return SSL_has_pending(ssl_.get()) == 1; }

  // Gives back the buffers of an idle connection, 16 KB each; they come again by themselves.
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

// The same words for every kind of stream: what Asio offers for one needs no coroutine of its own.
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
