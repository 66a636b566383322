// A worker with everything that only it uses: its listeners, its connections to the upstream and its request handling. The control worker
// posts changes to it, and a scrape reads its counters.
// Thread rule: belongs to its worker.
#pragma once

#include <memory>
#include <vector>

#include "app/request/data_service.hpp"
#include "app/server/data_listeners.hpp"

namespace gateway {

class lane {
  connection_slots slots_;  // outlives the sessions in at's loop

public:
  // `limiter`: of all connections of clients. `through`: the egress proxy, or null.
  lane(std::uint64_t seed, const settings& values, const data_parts& parts, const origin& where, std::shared_ptr<client_tls> tls,
       upstream_network& network, connection_limiter& limiter, std::shared_ptr<const egress_proxy> through);

  // The functions below run on the lane's own thread, or before that thread starts.
  void listen(data_listener& on, data_listeners::for_lane sockets);
  // Accepts connections that are already established, answers requests under way and closes idle connections, as in a drain.
  void stop_listening(const data_listener& on);
  // Applies new settings. Work under way keeps the settings that it has already read. `warm`: the lane's share of warm connections.
  // `tls`: null, or what trusts other authorities.
  void take_over(const settings& next, std::size_t warm, std::shared_ptr<client_tls> tls);
  void drain();
  // Something was erased: wipes memory that is kept to be used again.
  void forget_erased();

  worker at;
  fetcher upstream;
  data_service service;

private:
  std::vector<std::shared_ptr<acceptor>> acceptors_;
};

}  // namespace gateway
