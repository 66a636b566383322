// A worker with everything that only it uses: its listeners, its connections to the upstream and its request handling. The control worker
// posts changes to it, and a scrape reads its counters.
// Thread rule: belongs to its worker.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/server/data_listeners.hpp"
#include "app/server/lane_upstream.hpp"

namespace gateway {

class lane {
  connection_slots slots_;  // outlives the sessions in at's loop

public:
  // `limiter`: of all connections of clients.
  lane(std::uint64_t seed, const settings& values, connection_limiter& limiter) : slots_(at, limiter), at(seed, values) {}

  // Before listen(); the first one is that of the section upstream. `where` outlives the lane.
  void serve(served_upstream& where, const data_parts& parts);

  // The functions below run on the lane's own thread, or before that thread starts.
  // A listener that is to accept: on these sockets, for that upstream.
  struct opening {
    data_listener* on = nullptr;
    std::string upstream;  // its name
    data_listeners::for_lane sockets;
  };
  void listen(opening what);
  // Accepts connections that are already established, answers requests under way and closes idle connections, as in a drain.
  void stop_listening(const data_listener& on);
  // What trusts other authorities, for each upstream; null: what is trusted is the same.
  using other_trust = std::vector<std::shared_ptr<client_tls>>;
  // Applies new settings. Work under way keeps the settings that it has already read. `which`: the lane's number of `lanes`.
  void take_over(const settings& next, std::size_t which, std::size_t lanes, const other_trust& tls);
  void drain();
  // Something was erased: wipes memory that is kept to be used again.
  void forget_erased();

  // The upstream of that name; "" is the section's.
  [[nodiscard]] lane_upstream& upstream(const std::string& name) const;

  worker at;
  shadow_feed shadow;
  std::vector<std::unique_ptr<lane_upstream>> upstreams;

private:
  struct accepting {
    std::shared_ptr<acceptor> which;
    data_service* service = nullptr;
  };
  std::vector<accepting> acceptors_;
};

}  // namespace gateway
