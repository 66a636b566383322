// How many exchanges each named client has in flight, over all its addresses, and how many more it may begin.
// Thread rule: none of its own; its owner locks.
#pragma once

#include <cstdint>
#include <limits>
#include <unordered_map>

#include "core/limit/permit_request.hpp"

namespace gateway {

class client_loads {
public:
  void began(const requester& who) {
    if (who.named != 0) ++in_flight_[who.named];
  }
  void ended(const requester& who) {
    auto const known = in_flight_.find(who.named);
    if (known != in_flight_.end() && --known->second == 0) in_flight_.erase(known);  // defence: client-load-ends
  }

  [[nodiscard]] std::uint64_t of(std::uint64_t named) const {
    auto const known = in_flight_.find(named);
    return known == in_flight_.end() ? 0 : known->second;
  }
  [[nodiscard]] std::uint64_t room_of(const requester& who) const {
    auto const most = who.share.max_in_flight;
    if (most == 0 || who.named == 0) return std::numeric_limits<std::uint64_t>::max();
    auto const now = of(who.named);
    return now < most ? most - now : 0;
  }
  [[nodiscard]] bool has_room(const requester& who) const { return room_of(who) > 0; }  // defence: client-bound

private:
  std::unordered_map<std::uint64_t, std::uint64_t> in_flight_;  // no value is 0
};

}  // namespace gateway
