#include "core/telemetry/upstream_figures.hpp"

#include <algorithm>

#include "core/base/json_writer.hpp"

namespace gateway {

upstream_limiter::load together(const upstream_limiter::load& one, const upstream_limiter::load& other) {
  auto sum = one;
  sum.in_flight += other.in_flight;
  sum.waiting += other.waiting;
  sum.unproved_in_flight += other.unproved_in_flight;
  sum.unproved_waiting += other.unproved_waiting;
  sum.unproved_broken += other.unproved_broken;
  sum.detached += other.detached;
  sum.limit = std::min(one.limit, other.limit);
  sum.cooling_down += other.cooling_down;
  sum.broken += other.broken;
  sum.cool_downs += other.cool_downs;
  sum.breaks += other.breaks;
  for (std::size_t i = 0; i < shed_reason_count; ++i) sum.sheds[i] += other.sheds[i];
  sum.bulk_in_flight += other.bulk_in_flight;
  sum.bulk_waiting += other.bulk_waiting;
  for (std::size_t i = 0; i < client_class_count; ++i) sum.permits[i] += other.permits[i];
  return sum;
}

void append_upstreams(std::string& text, const std::vector<upstream_figures>& all) {
  json_list(text, all, [&](const upstream_figures& one) {
    json_object out{text};
    out.text("name", one.name);
    out.number("max_in_flight", one.max_in_flight);
    out.number("limit", one.load.limit);
    out.number("in_flight", one.load.in_flight);
    out.number("waiting", one.load.waiting);
    out.number("idle_connections", one.idle);
    out.number("accounts_cooling_down", one.load.cooling_down);
    out.number("accounts_circuit_open", one.load.broken);
  });
}

}  // namespace gateway
