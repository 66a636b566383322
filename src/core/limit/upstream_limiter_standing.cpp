// The part of upstream_limiter that says how one account is, for operators.
#include "core/limit/upstream_limiter.hpp"

namespace gateway {

upstream_limiter::standing upstream_limiter::standing_of(std::uint64_t account, mono_time now) const {
  standing made;
  auto opens_at = host_.is_open() ? host_.half_open_at() : mono_time::min();
  made.limit = policy_.max_in_flight;
  made.broken = host_.is_open();
  if (auto const known = accounts_.find(account); known != accounts_.end()) {
    auto const& limits = known->second->limits;
    made.limit = std::min(limits.limit(), policy_.max_in_flight);
    made.in_flight = limits.in_flight();
    made.waiting = limits.waiting();
    made.cooling_down = limits.is_cooling_down();
    made.broken = made.broken || limits.is_broken();
    opens_at = std::max(opens_at, limits.half_open_at());
  }
  if (opens_at > now) made.probe_in = opens_at - now;
  return made;
}

}  // namespace gateway
