#pragma once
// One client's TLS connection: reads requests, asks the simulated Twilio, and carries out the delivery's steps.
// Thread rule: lives on its worker's thread; only `worker` touches it from outside, on that same thread.
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <memory>

#include "async.hpp"
#include "twilio.hpp"

namespace simulator {

class https_connection {
public:
  https_connection(tcp_socket socket, asio::ssl::context& tls, twilio& world, std::uint64_t number, std::chrono::seconds idle_timeout);
  ~https_connection();

  task<void> serve();  // until the connection is closed

  bool idle() const { return idle_ || finishing_; }
  void close_politely();  // ends an idle connection with close_notify and FIN
  void abort();           // ends whatever it does, at once
  void wake();            // looks again at the barrier
  void check_deadline(real_time now);

private:
  task<bool> shake_hands();
  task<void> serve_requests();
  task<bool> answer_one(request_facts request, exchange_end end);
  task<bool> wait_for_release();
  task<bool> pause(std::chrono::microseconds length);  // false: the client left meanwhile
  task<bool> carry_out(step& next);
  task<void> say_goodbye();
  bool client_left();
  void close_quietly();

  asio::ssl::stream<tcp_socket> stream_;
  steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  twilio& world_;
  std::shared_ptr<connection_facts> facts_;
  std::chrono::seconds idle_timeout_;
  real_time deadline_;      // moved lazily, looked at by the worker's sweep: no timer per operation
  bool idle_ = false;       // waiting for the first byte of a request
  bool finishing_ = false;  // writing the end of an answer: who has read it finds the connection idle
  bool leaving_ = false;    // close_politely() was called
  bool aborted_ = false;
};

}  // namespace simulator
