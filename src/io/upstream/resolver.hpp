// The upstream's addresses, resolved outside of requests whenever possible: old ones serve on while new ones are looked up, and
// go on serving when the look-up fails. getaddrinfo cannot be cancelled, so a request waits for it only if there is no address at all.
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

  // Empty if nothing is known by the deadline. In the order in which they should be tried: the families take turns (RFC 8305 §4), and the
  // one that worked last comes first.
  task<std::vector<asio::ip::tcp::endpoint>> addresses(mono_time deadline);
  void prefer(const asio::ip::tcp::endpoint& good);
  // From the next look-up on.
  void set_ttl(span ttl) { ttl_ = ttl; }

private:
  task<void> look_up();

  worker& at_;
  origin where_;
  span ttl_;
  asio::ip::basic_resolver<asio::ip::tcp, executor> resolver_;
  std::vector<asio::ip::tcp::endpoint> known_;
  asio::ip::tcp::endpoint good_;  // worked last
  mono_time good_until_{};
  bool looking_up_ = false;
  std::vector<std::shared_ptr<sleeper>> waiting_;  // until the look-up ends
};

}  // namespace gateway
