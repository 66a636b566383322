#include "io/net/connection_book.hpp"

namespace gateway {

std::optional<connection_refusal> connection_book::enter(const client& who, std::uint64_t over) {
  if (open_.fetch_add(1, std::memory_order_relaxed) >= limit_ + over) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return connection_refusal::total;
  }
  if (!counts_address(who)) return std::nullopt;
  std::lock_guard const lock{mutex_};
  auto& count = of_address_[who.address];
  if (count < per_address_) {
    ++count;
    return std::nullopt;
  }
  open_.fetch_sub(1, std::memory_order_relaxed);
  return connection_refusal::address;
}

void connection_book::leave(const client& who) {
  open_.fetch_sub(1, std::memory_order_relaxed);
  if (!counts_address(who)) return;
  std::lock_guard const lock{mutex_};
  auto const found = of_address_.find(who.address);
  if (--found->second == 0) of_address_.erase(found);
}

}  // namespace gateway
