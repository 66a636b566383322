#include "app/state/party_guard.hpp"

#include <vector>

namespace gateway {

bool party_guard::arm(const digest& who, mono_time now) {
  std::lock_guard const lock{mutex_};
  if (!erased_.add(who, now)) return false;
  refused_.try_emplace(who, 0);
  is_armed_.store(true, std::memory_order_release);
  edition_.fetch_add(1, std::memory_order_acq_rel);  // last: who reads this number sees the table
  return true;
}

party_guard::judgement party_guard::judge(const entry& made, mono_time now) {
  judgement found{edition_.load(std::memory_order_acquire)};
  if (!is_armed_.load(std::memory_order_acquire)) return found;
  std::vector<digest> held;
  each_hash(made.plain.body(), [&](const digest& who) { held.push_back(who); });
  std::lock_guard const lock{mutex_};
  for (auto const& who : held) {
    if (!erased_.covers(who, made.asked_at, now, lasts())) continue;
    found.refuses = true;
    ++refused_[who];
    break;
  }
  return found;
}

std::uint64_t party_guard::refused(const digest& who) const {
  std::lock_guard const lock{mutex_};
  auto const counted = refused_.find(who);
  return counted == refused_.end() ? 0 : counted->second;
}

void party_guard::forget(mono_time now, std::chrono::nanoseconds longest_fetch) {
  if (!is_armed_.load(std::memory_order_acquire)) return;
  std::lock_guard const lock{mutex_};
  erased_.forget(now, lasts(), longest_fetch);
  std::erase_if(refused_, [&](auto const& one) { return !erased_.holds(one.first); });
  is_armed_.store(!erased_.empty(), std::memory_order_release);
}

}  // namespace gateway
