#include "app/control_listener.hpp"

#include "core/settings/endpoint.hpp"

namespace gateway {

bool control_listener::open(const std::string& address, std::string& why_not) {
  socket_ = listening_socket::open(*parse_endpoint(address), {}, false, why_not);
  if (socket_.is_open()) url_ = url_of(socket_.where(), false);
  return socket_.is_open();
}

void control_listener::start(const limit_settings& limits) {
  acceptor_ = std::make_unique<acceptor>(at_, socket_.duplicate(), socket_.where().is_unix(), nullptr, count_, book_);
  socket_ = {};  // the acceptor has a descriptor of its own: when that closes, new connections are refused
  at_.start_task(name_, acceptor_->run(limits, service_));
}

void control_listener::close(const limit_settings& limits) { acceptor_->close(limits, service_); }

}  // namespace gateway
