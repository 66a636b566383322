#include "io/net/acceptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace gateway {
namespace {

asio::generic::stream_protocol protocol_of(int descriptor) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return {address.ss_family, 0};
}

}  // namespace

acceptor::acceptor(worker& at, int descriptor, bool is_unix, std::shared_ptr<asio::ssl::context> tls, connection_count& count,
                   connection_total& total)
    : at_(at), is_unix_(is_unix), tls_(std::move(tls)), count_(count), total_(total), raw_(at.get_executor()), pause_(at.get_executor()) {
  raw_.assign(protocol_of(descriptor), descriptor);
  raw_.non_blocking(true);
}

// False if the connection is one too many: it is closed without a word, since words to a flood are work too.
bool acceptor::admit(stream_socket& socket) {
  if (total_.open.fetch_add(1, std::memory_order_relaxed) >= total_.limit) {
    total_.open.fetch_sub(1, std::memory_order_relaxed);
    at_.counters.connections_refused.add();
    return false;
  }
  count_.open.fetch_add(1, std::memory_order_relaxed);
  at_.counters.connections_accepted.add();
  error_code ignored;  // a connection that is already gone shows it at its first read
  socket.non_blocking(true, ignored);
  if (!is_unix_) {
    int const on = 1;
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return true;
}

}  // namespace gateway
