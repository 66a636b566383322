// What GET /api/explain answers about a call: what is cached of it, who may read it, and which fetches are under way.
// Thread rule: any thread.
#pragma once

#include <string>
#include <vector>

#include "app/admin/admin_parameters.hpp"
#include "app/fleet/shared_tier.hpp"
#include "app/state/authorized_cache.hpp"
#include "app/state/held_readers.hpp"
#include "app/state/polled_calls.hpp"
#include "core/auth/authorizer.hpp"
#include "core/settings/settings.hpp"
#include "core/telemetry/client_standing.hpp"
#include "core/telemetry/upstream_figures.hpp"
#include "io/upstream/flight.hpp"
#include "io/upstream/upstream_permits.hpp"

namespace gateway {

// What an explanation is made from.
struct explain_sources {
  const shared_cache& cache;
  const authorized_cache& visible;
  const refused_accounts& refused;
  const flight_table& flights;
  const upstream_permits& permits;
  const settings& config;
  const shared_tier* tier;  // null: there is no fleet
  const polled_calls& polled;
  const held_readers& held;
  const access_rules& access;
  std::vector<upstream_figures> upstreams{};  // if there are several
  client_standings named{};                   // the clients of the settings
};

// The result is one JSON object.
std::string explain_call(const explain_sources& from, const explain_parameters& wanted);

}  // namespace gateway
