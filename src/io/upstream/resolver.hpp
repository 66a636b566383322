// The addresses of a name, the same for all lanes. A lookup runs beside the requests: the addresses known before are used meanwhile, and
// after a lookup that failed. getaddrinfo cannot be cancelled, so it runs on a thread of its own, one at a time, and no end waits for it.
// Thread rule: any thread; each task waits on an executor of its own. Time rule: no task waits beyond its deadline.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <vector>

#include "core/settings/endpoint.hpp"
#include "core/upstream/name_lifetime.hpp"
#include "io/runtime/task.hpp"

namespace gateway {

class resolver {
public:
  using addresses = std::vector<asio::ip::tcp::endpoint>;

  resolver(const origin& where, const name_lifetime& lifetime);
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;
  ~resolver();

  // For a new connection. Empty if no address is known by the deadline. The order is the order of attempts: the families alternate
  // (RFC 8305 §4), and the address that worked last comes first.
  task<addresses> find(executor where, mono_time deadline);
  // After attempts with the addresses `tried` have failed: those that a lookup under way, or a new one, adds by the deadline. A failure
  // starts a lookup at most once a second.
  task<addresses> find_others(executor where, addresses tried, mono_time deadline);
  void prefer(const asio::ip::tcp::endpoint& good);
  // Applies from the next lookup on.
  void set_lifetime(const name_lifetime& lifetime);
  // Ends all waits, with what is known.
  void close();

private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace gateway
