#include "core/polling/hold_bound.hpp"

namespace gateway {

bool hold_bound::take(std::uint64_t client) {
  auto const known = by_client_.find(client);
  auto const holds = known == by_client_.end() ? 0 : known->second;
  if (held_ >= most_ || holds >= most_ - held_) return false;  // defence: hold-fair
  ++held_;
  ++by_client_[client];
  return true;
}

void hold_bound::give_back(std::uint64_t client) {
  auto const known = by_client_.find(client);
  --held_;
  if (--known->second == 0) by_client_.erase(known);
}

}  // namespace gateway
