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

constexpr int max_unsent = 128 * 1024;  // unsent bytes of answers in the kernel, beyond the client's window

}  // namespace

acceptor::arrival::arrival(const peer_endpoint& peer, int descriptor, std::shared_ptr<const listener_trust> trusted)
    : from(client_of(peer, descriptor)),
      address(address_of(peer)),
      trust(std::move(trusted)),
      sends_proxy_header(trust->proxy_header_senders.contains(address)),  // defence: proxy-header-expected
      // Loopback has no limit: its connections come from a proxy, a probe or an operator. A proxy carries many clients.
      is_bounded(!sends_proxy_header && !from.is_local && !trust->forwarding.contains(address)) {}

acceptor::acceptor(worker& at, listening_socket socket, const published_tls& tls, const published_trust& trust, connection_count& count,
                   connection_slots& places)
    : at_(at),
      is_unix_(socket.where().is_unix()),
      tls_(tls),
      trust_(trust),
      count_(count),
      places_(places),
      raw_(at.get_executor()),
      pause_(at.get_executor()) {
  auto const descriptor = socket.release();
  raw_.assign(protocol_of(descriptor), descriptor);
  raw_.non_blocking(true);
}

// False if there are too many connections: this one is closed without an answer, since an answer to a flood is work too.
bool acceptor::admit(stream_socket& socket, const arrival& who) {
  auto& limiter = places_.limiter();
  if (!places_.take()) return refuse(connection_refusal::total);
  if (who.is_bounded && !limiter.enter(who.from.address)) {
    limiter.leave();
    return refuse(connection_refusal::address);
  }
  count_.open.fetch_add(1, std::memory_order_relaxed);
  at_.counters.connections_accepted.add();
  error_code ignored;  // a connection that is already closed shows it at its first read
  socket.non_blocking(true, ignored);
  if (!is_unix_) {
    int const on = 1;
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Otherwise the kernel would buffer megabytes of answers for each client that does not read them.
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &max_unsent, sizeof max_unsent);
  }
  return true;
}

bool acceptor::refuse(connection_refusal why) {
  at_.counters.connections_refused[static_cast<std::size_t>(why)].add();
  return false;
}

task<bool> acceptor::take_proxy_header(stream_socket& socket, arrival& who, connection_slot& place, const limit_settings& limits) {
  connection_terms const terms{closed_, &place};
  connection_guard guard{at_, socket, terms};
  guard.await_opening(mono_now() + limits.header_timeout);  // defence: proxy-header-deadline
  auto const header = co_await read_proxy_header(socket);
  if (guard.lost_slot()) co_return false;
  if (header.is == proxy_header::state::refused) {
    auto const first = static_cast<std::size_t>(connection_refusal::proxy_missing);
    co_return refuse(static_cast<connection_refusal>(first + static_cast<std::size_t>(header.why)));
  }
  if (header.is != proxy_header::state::complete) co_return false;
  apply_proxy_header(who.from, header.source);
  if (!header.source) co_return true;
  who.address = header.source;
  bool const has_room = place.pass_to(who.from, mono_now());
  co_return has_room || refuse(connection_refusal::address);
}

}  // namespace gateway
