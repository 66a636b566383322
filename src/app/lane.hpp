// A worker and all that is its own: nothing in it is seen by another, but for what the control lane posts to it and a scrape reads.
// Thread rule: belongs to its worker.
#pragma once

#include <memory>
#include <vector>

#include "app/capacity.hpp"
#include "app/data_service.hpp"
#include "io/net/acceptor.hpp"

namespace gateway {

struct lane {
  lane(std::uint64_t seed, shared_state& shared, const origin& where, client_tls& tls)
      : at(seed),
        upstream(at, shared.config.upstream, idle_connections(shared.config), where, tls, shared.turns),
        service(at, upstream, shared) {}

  worker at;
  fetcher upstream;
  data_service service;
  std::vector<std::unique_ptr<acceptor>> acceptors;
};

}  // namespace gateway
