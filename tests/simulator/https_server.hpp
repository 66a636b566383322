#pragma once
// The simulated upstream's front: one listening socket whose connections are dealt out to the workers in turn.
// Thread rule: constructed, used and stopped by the main thread.
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <memory>
#include <vector>

#include "async.hpp"
#include "worker.hpp"

namespace simulator {

class https_server {
public:
  https_server(const tcp::endpoint& where, asio::ssl::context& tls, twilio& world, unsigned threads, std::chrono::seconds idle_timeout);
  ~https_server() { stop(); }

  tcp::endpoint where() const { return acceptor_.local_endpoint(); }
  std::size_t close_idle();
  void wake_all();
  void stop();

private:
  task<void> accept_all();

  std::vector<std::unique_ptr<worker>> workers_;
  tcp_acceptor acceptor_;  // lives on the first worker's thread
  bool stopped_ = false;
};

}  // namespace simulator
