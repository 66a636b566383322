// What a lane has for one upstream: its settings, its connections, and the service of the listeners that serve it.
// Thread rule: belongs to its lane.
#pragma once

#include <memory>
#include <utility>

#include "app/request/data_service.hpp"
#include "app/server/served_upstream.hpp"

namespace gateway {

struct lane_upstream {
  // `where` outlives it.
  lane_upstream(worker& at, served_upstream& where, const upstream_settings& values, std::size_t max_idle, const data_parts& parts)
      : name(values.name),
        in_force(values),
        fetches(at, in_force, max_idle, where.where, where.tls, parts.fetching.permits, where.network, where.through),
        service(at, fetches, in_force, parts) {}

  const std::string name;  // "" = the section upstream
  upstream_settings in_force;
  fetcher fetches;
  data_service service;
};

}  // namespace gateway
