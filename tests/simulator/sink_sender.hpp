#pragma once
// Sends what is due to the sinks of Event Streams and says how each delivery ended. A sink has five seconds to answer, as with Twilio.
// Thread rule: lives on the main thread.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "async.hpp"
#include "sink_connection.hpp"
#include "twilio.hpp"

namespace simulator {

class sink_sender {
public:
  sink_sender(asio::io_context& context, twilio& world);

  void look() { timer_.cancel(); }  // something may be due now

private:
  using connection_ptr = std::shared_ptr<sink_connection>;

  task<void> watch();
  task<void> deliver(webhook next);
  task<sink_connection::outcome> exchange(connection_ptr connection, bool fresh, const webhook& next,
                                          const sink_connection::request& message);
  connection_ptr idle_connection(const std::string& sink_sid);

  asio::io_context& context_;
  twilio& world_;
  steady_timer timer_;
  std::map<std::string, std::vector<connection_ptr>, std::less<>> idle_;  // by sink
};

}  // namespace simulator
