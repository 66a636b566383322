#include "app/control_listener.hpp"

#include "core/settings/endpoint.hpp"

namespace gateway {

bool control_listener::open(const std::string& address, inherited_sockets& inherited, std::string& why_not) {
  auto const where = *parse_endpoint(address);
  auto taken = inherited.take(where);
  socket_ = taken.empty() ? listening_socket::open(where, {}, false, why_not) : std::move(taken.front());
  if (socket_.is_open()) url_ = url_of(socket_.where(), false);
  return socket_.is_open();
}

void control_listener::start(const limit_settings& limits) {
  acceptor_ = std::make_shared<acceptor>(at_, socket_.duplicate(), plaintext_, count_, book_);
  at_.start_task(name_, acceptor::run(acceptor_, limits, service_));
}

void control_listener::close(const limit_settings& limits) {
  socket_ = {};  // with the acceptor's, the last descriptor: new connections are refused, unless a successor has the socket
  acceptor::close(acceptor_, limits, service_);
}

}  // namespace gateway
