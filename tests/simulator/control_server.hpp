#pragma once
// The control port: plain HTTP/1.1 for tests, on the main thread's event loop.
#include "async.hpp"
#include "control_api.hpp"

namespace simulator {

class control_server {
public:
  control_server(asio::io_context& context, const tcp::endpoint& where, twilio& world, control_effects effects);

  tcp::endpoint where() const { return acceptor_.local_endpoint(); }

private:
  task<void> accept_all();
  task<void> serve(tcp_socket socket);

  asio::io_context& context_;
  tcp_acceptor acceptor_;
  twilio& world_;
  control_effects effects_;
};

}  // namespace simulator
