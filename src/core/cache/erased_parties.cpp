#include "core/cache/erased_parties.hpp"

#include <algorithm>

namespace gateway {

bool erased_parties::add(const digest& who, mono_time now) {
  auto const known = since_.find(who);
  if (known == since_.end() && since_.size() == most) return false;  // defence: erased-parties-bounded
  auto& since = since_[who];
  since = known == since_.end() ? now : std::max(since, now);
  return true;
}

bool erased_parties::covers(const digest& who, mono_time asked_at, mono_time now, std::chrono::nanoseconds lasts) const {
  auto const found = since_.find(who);
  if (found == since_.end()) return false;
  return asked_at <= found->second || now - found->second < lasts;  // defence: erased-not-stored
}

void erased_parties::forget(mono_time now, std::chrono::nanoseconds lasts, std::chrono::nanoseconds longest_fetch) {
  std::erase_if(since_, [&](auto const& one) { return now - one.second >= std::max(lasts, longest_fetch); });
}

}  // namespace gateway
