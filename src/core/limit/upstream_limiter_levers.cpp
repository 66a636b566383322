// The part of upstream_limiter that an operator moves by hand.
#include "core/limit/upstream_limiter.hpp"

namespace gateway {

// A pause and a circuit let nothing wait: a request that might be granted much later would only lose time.
std::optional<wake_list> upstream_limiter::set_lever(const lever& one, mono_time now) {
  if (!levers_.set(one)) return std::nullopt;
  wake_list woken;
  apply_levers(one.account);
  reconsider(all_waiting(), now, woken);
  return woken;
}

std::optional<wake_list> upstream_limiter::lift_lever(lever::kind what, std::uint64_t account, mono_time now) {
  if (!levers_.lift(what, account)) return std::nullopt;
  wake_list woken;
  apply_levers(account);
  grant(now, woken);
  return woken;
}

upstream_limiter::ended_levers upstream_limiter::end_levers(mono_time now) {
  ended_levers made;
  made.ended = levers_.take_ended(now);
  if (made.ended.empty()) return made;
  for (auto const& one : made.ended) apply_levers(one.account);
  grant(now, made.woken);
  return made;
}

wake_list upstream_limiter::reset_circuits(std::uint64_t account, mono_time now) {
  wake_list woken;
  auto const known = accounts_.find(account);
  if (known == accounts_.end()) return woken;
  known->second->limits.reset_circuits();
  note_change(account);
  grant(now, woken);
  return woken;
}

void upstream_limiter::apply_levers(std::uint64_t account) {
  auto const known = accounts_.find(account);
  if (known == accounts_.end()) return;
  known->second->limits.hold_at(levers_.limit_of(account), newest_);
  note_change(account);
}

std::vector<std::uint64_t> upstream_limiter::known_accounts() const {
  std::vector<std::uint64_t> all;
  all.reserve(accounts_.size());
  for (auto const& one : accounts_) all.push_back(one.first);
  return all;
}

}  // namespace gateway
