#include "io/net/connection_limiter.hpp"

namespace gateway {

bool connection_limiter::enter() {
  bool const has_room = open_.fetch_add(1, std::memory_order_relaxed) < limit_;
  if (!has_room) leave();
  return has_room;
}

bool connection_limiter::enter_on_credit() {
  static constexpr std::uint64_t most_credits = 8;
  auto const credits = credits_.fetch_add(1, std::memory_order_relaxed) + 1;
  bool const has_credit = credits <= most_credits && open_.fetch_add(1, std::memory_order_relaxed) < limit_ + credits;
  if (has_credit) return true;
  if (credits <= most_credits) leave();
  credit_ends();
  return false;
}

bool connection_limiter::enter(const address_group& from) {
  if (per_address_ == 0) return true;
  std::lock_guard const lock{mutex_};
  auto& count = of_address_[from];
  if (count < per_address_) {  // defence: connections-per-address
    ++count;
    return true;
  }
  return false;
}

void connection_limiter::leave(const address_group& from) {
  if (per_address_ == 0) return;
  std::lock_guard const lock{mutex_};
  auto const found = of_address_.find(from);
  if (--found->second == 0) of_address_.erase(found);
}

}  // namespace gateway
