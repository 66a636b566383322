#include "core/auth/refusals.hpp"

namespace gateway {

std::size_t refusal_hints::place_of(const partition& who) { return who.bits() % places; }

void refusal_hints::note(const partition& who, mono_time at) {
  auto& last = last_[place_of(who)];
  auto const moment = at.time_since_epoch().count();
  // Two workers may write at once: the later moment stays.
  for (auto known = last.load(std::memory_order_relaxed); known < moment && !last.compare_exchange_weak(known, moment);) {
  }
}

bool refusal_hints::perhaps_since(const partition& who, mono_time moment) const {
  return last_[place_of(who)].load(std::memory_order_acquire) >= moment.time_since_epoch().count();
}

}  // namespace gateway
