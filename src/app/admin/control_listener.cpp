#include "app/admin/control_listener.hpp"

#include <algorithm>

#include "core/settings/endpoint.hpp"

namespace gateway {
namespace {

// Probes and scrapers send their head at once. A slower client only occupies a connection.
constexpr std::chrono::seconds header_timeout{3};

}  // namespace

bool control_listener::open(const std::string& address, inherited_sockets& inherited, std::string& why_not) {
  auto const where = *parse_endpoint(address);
  auto taken = inherited.take(where);
  socket_ = taken.empty() ? listening_socket::open(where, {}, false, why_not) : std::move(taken.front());
  if (socket_.is_open()) url_ = url_of(socket_.where(), false);
  return socket_.is_open();
}

void control_listener::start(const limit_settings& limits) {
  settings_changed(limits);
  acceptor_ = std::make_shared<acceptor>(at_, socket_.duplicate(), plaintext_, no_trust_, count_, slots_);
  at_.start_task(name_, acceptor::run(acceptor_, limits_, service_));
}

void control_listener::settings_changed(const limit_settings& limits) {
  limits_ = limits;
  limits_.header_timeout = std::min<span>(limits.header_timeout, header_timeout);  // defence: admin-head-deadline
}

void control_listener::close() {
  socket_ = {};  // closing the last descriptor refuses new connections, unless a successor has the socket
  acceptor::close(acceptor_, limits_, service_);
}

}  // namespace gateway
