#include "app/server/capacity.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "core/settings/upstreams.hpp"
#include "io/process_limits.hpp"
#include "io/runtime/log.hpp"

namespace gateway {
namespace {

// Descriptors that the process needs before the first client connects.
std::uint64_t needed_descriptors(const settings& values) {
  auto const per_lane = 4 + 2 * values.listeners.size();     // loop, timer, wake-up, a connection to be refused; two for each listener
  std::uint64_t const fleet = values.fleet.is_on() ? 8 : 0;  // its lane, two connections, and those that follow them
  return 32 + values.worker_count() * per_lane + fleet;
}

}  // namespace

std::size_t idle_connections(const upstream_settings& values, std::uint64_t lanes) {
  return 2 + (2 * values.max_in_flight + values.warm_connections) / lanes;
}

std::size_t share_of(std::size_t all, std::size_t which, std::size_t lanes) { return all / lanes + (which < all % lanes ? 1 : 0); }

std::uint64_t affordable_connections(const settings& values) {
  auto const wanted = values.limits.max_connections;
  auto const needed = needed_descriptors(values);
  std::uint64_t upstream = 0;
  for (auto const* const one : all_upstreams(values))
    upstream += values.worker_count() * idle_connections(*one, values.worker_count()) + one->max_in_flight;
  auto const kept_back = admin_connection_limit / 4 + upstream;
  auto const descriptors = raise_descriptor_limit(wanted + needed + kept_back);
  if (descriptors >= wanted + needed + kept_back) return wanted;
  if (descriptors < needed + 16) {
    throw std::runtime_error{"the process may open " + std::to_string(descriptors) + " files only (ulimit -n), too few for " +
                             std::to_string(values.worker_count()) + " workers: raise the limit, or set workers lower"};
  }
  auto const rest = descriptors - needed;
  auto const affordable = std::min(wanted, rest - std::min(kept_back, rest / 2));  // defence: admin-reserve
  log_warning("limits.max_connections is {}, but the process may open {} files only (ulimit -n): {} connections at once", wanted,
              descriptors, affordable);
  return affordable;
}

}  // namespace gateway
