#include "core/limit/levers.hpp"

#include <limits>

namespace gateway {

bool levers::set(const lever& one) {
  auto const same = std::ranges::find_if(all_, [&](const lever& other) { return other.is_same_as(one.what, one.account); });
  if (same == all_.end() && all_.size() >= most) return false;
  if (same != all_.end()) all_.erase(same);
  all_.push_back(one);
  return true;
}

bool levers::lift(lever::kind what, std::uint64_t account) {
  return std::erase_if(all_, [&](const lever& one) { return one.is_same_as(what, account); }) > 0;
}

std::vector<lever> levers::take_ended(mono_time now) {
  std::vector<lever> ended;
  std::erase_if(all_, [&](const lever& one) {
    bool const is_over = one.until <= now;
    if (is_over) ended.push_back(one);
    return is_over;
  });
  return ended;
}

std::uint64_t levers::limit_of(std::uint64_t account) const {
  for (auto const& one : all_) {
    if (one.is_same_as(lever::kind::limit, account)) return one.limit;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

}  // namespace gateway
