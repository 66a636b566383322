// The upstream's addresses, resolved outside of requests if possible: the old ones are used during a lookup, and after a failed one.
// getaddrinfo cannot be cancelled, so a request waits for it only if no address is known.
// Thread rule: belongs to its worker.
#pragma once

#include <boost/asio/ip/basic_resolver.hpp>
#include <vector>

#include "core/settings/endpoint.hpp"
#include "core/settings/settings.hpp"
#include "io/runtime/sleeper.hpp"
#include "io/runtime/worker.hpp"

namespace gateway {

class resolver {
public:
  resolver(worker& at, const origin& where, span ttl);

  // Empty if no address is known by the deadline. The order is the order of attempts: the families alternate (RFC 8305 §4), and the address
  // that worked last comes first.
  task<std::vector<asio::ip::tcp::endpoint>> addresses(mono_time deadline);
  void prefer(const asio::ip::tcp::endpoint& good);
  // Applies from the next lookup on.
  void set_ttl(span ttl) { ttl_ = ttl; }

private:
  task<void> look_up();

  worker& at_;
  origin where_;
  span ttl_;
  asio::ip::basic_resolver<asio::ip::tcp, executor> resolver_;
  std::vector<asio::ip::tcp::endpoint> known_;
  asio::ip::tcp::endpoint good_;  // the last one that worked
  mono_time good_until_{};
  bool looking_up_ = false;
  std::vector<std::shared_ptr<sleeper>> waiting_;  // until the lookup ends
};

}  // namespace gateway
