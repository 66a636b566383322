#include "app/admin/control_listener.hpp"

#include <algorithm>

namespace gateway {
namespace {

// Probes and scrapers send their head at once. A slower client only occupies a connection.
constexpr std::chrono::seconds header_timeout{3};

}  // namespace

limit_settings control_listener::limits_from(const limit_settings& limits) {
  auto own = limits;
  own.header_timeout = std::min<span>(limits.header_timeout, header_timeout);  // defence: admin-head-deadline
  return own;
}

}  // namespace gateway
