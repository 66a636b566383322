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

constexpr int max_unsent = 128 * 1024;  // bytes of answers in the kernel that the client's window has no room for

}  // namespace

acceptor::acceptor(worker& at, listening_socket socket, const published_tls& tls, connection_count& count, connection_book& book)
    : at_(at),
      is_unix_(socket.where().is_unix()),
      tls_(tls),
      count_(count),
      book_(book),
      raw_(at.get_executor()),
      pause_(at.get_executor()) {
  auto const descriptor = socket.release();
  raw_.assign(protocol_of(descriptor), descriptor);
  raw_.non_blocking(true);
}

// False if the connection is one too many: it is closed without a word, since words to a flood are work too. When all places are
// taken, an idle connection gives way: its client may come again, and who does nothing shall not keep out who wants something.
bool acceptor::admit(stream_socket& socket, const client& who) {
  bool const displaced = book_.is_full() && at_.deadlines.make_room();
  if (displaced) at_.counters.connections_displaced.add();
  // The one that gave way leaves a moment later.
  if (auto const refused = book_.enter(who, displaced ? 1 : 0)) {
    at_.counters.connections_refused[static_cast<std::size_t>(*refused)].add();
    return false;
  }
  count_.open.fetch_add(1, std::memory_order_relaxed);
  at_.counters.connections_accepted.add();
  error_code ignored;  // a connection that is already gone shows it at its first read
  socket.non_blocking(true, ignored);
  if (!is_unix_) {
    int const on = 1;
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Else the kernel would take megabytes of answers for each client that does not read them.
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &max_unsent, sizeof max_unsent);
  }
  return true;
}

}  // namespace gateway
