// A worker and all that is its own: nothing in it is seen by another, but for what the control lane posts to it and a scrape reads.
// Thread rule: belongs to its worker.
#pragma once

#include <memory>
#include <vector>

#include "app/request/data_service.hpp"
#include "app/server/data_listeners.hpp"

namespace gateway {

class lane {
  connection_slots places_;  // outlives the sessions in at's loop

public:
  // `book`: of all connections of clients.
  lane(std::uint64_t seed, const settings& values, shared_state& shared, const origin& where, std::shared_ptr<client_tls> tls,
       connection_limiter& limiter);

  // Each on the lane's own thread, or before that runs.
  void listen(data_listener& on, data_listeners::for_lane sockets);
  // Takes in who has connected already. Requests under way are answered, and idle connections end, as in a drain.
  void stop_listening(const data_listener& on);
  // From now on; whoever has read a setting for something that is under way keeps to it. `warm`: its share of warm
  // connections. `tls`: null, or what trusts other authorities.
  void take_over(const settings& next, std::size_t warm, std::shared_ptr<client_tls> tls);
  void drain();

  worker at;
  fetcher upstream;
  data_service service;

private:
  std::vector<std::shared_ptr<acceptor>> acceptors_;
};

}  // namespace gateway
