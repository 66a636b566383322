// One of several upstreams in figures, for operators.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {

struct upstream_figures {
  std::string name;
  upstream_limiter::load load;
  std::uint64_t max_in_flight = 0;  // as configured
  std::uint64_t idle = 0;           // connections
};

// The load of several upstreams together: their sum; its limit is the lowest one.
upstream_limiter::load together(const upstream_limiter::load& one, const upstream_limiter::load& other);

// Adds them to `text`, as a list.
void append_upstreams(std::string& text, const std::vector<upstream_figures>& all);

}  // namespace gateway
