// The part of upstream_limiter that speaks with a fleet: what each account reports to the engine, and what its word changes.
#include <algorithm>
#include <utility>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {
namespace {

// Requests of one account that wait for a spare slot at the same time.
constexpr std::size_t max_optional = 64;

}  // namespace

void upstream_limiter::apply_fleet(upstream_account& account) const {
  if (fleet_.now == fleet_state::is::shared) account.join_fleet();
  if (fleet_.now == fleet_state::is::alone) account.leave_fleet(fleet_.members, newest_);
  account.share_circuits(fleet_.now == fleet_state::is::shared);  // defence: circuits-alone
}

wake_list upstream_limiter::set_fleet(const fleet_state& fleet, mono_time now) {
  wake_list woken;
  bool const other = fleet.now != fleet_.now;
  fleet_ = fleet;
  fleet_.members = std::max<std::uint64_t>(fleet_.members, 1);
  unproved_.set_policy(unproved_policy());
  if (!other) return woken;
  changed_.clear();
  share_host(fleet.now == fleet_state::is::shared);
  for (auto const& [key, where] : accounts_) {
    apply_fleet(where->limits);
    if (where->limits.has_circuit_report()) troubled_.insert(key);
    if (!where->limits.is_idle()) note_change(key);
    where->reported_optional = where->optional.size();
    decide_optional(*where, now, woken);
  }
  grant(now, woken);
  return woken;
}

std::vector<std::uint64_t> upstream_limiter::take_changed() {
  std::vector<std::uint64_t> those{changed_.begin(), changed_.end()};
  changed_.clear();
  return those;
}

std::vector<std::uint64_t> upstream_limiter::sharing_accounts() const {
  std::unordered_set<std::uint64_t> with_guests;
  for (auto const& one : unproved_.all()) {
    if (one->who.proved) with_guests.insert(one->who.account);
  }
  std::vector<std::uint64_t> those;
  for (auto const& [key, where] : accounts_) {
    bool const is_busy = !where->limits.is_idle() || !where->optional.empty() || with_guests.contains(key);
    if (where->limits.is_shared() && is_busy) those.push_back(key);
  }
  return those;
}

upstream_account::openings upstream_limiter::openings_now(mono_time now) const {
  auto const count = has_room(resource::summary, now) ? policy_.max_in_flight - in_flight_ : 0;
  return {has_room(resource::call, now), detached_ < half_of_all(), count};
}

// Guests never register as waiting, so that they take nothing from requests with a proved credential of any gateway.
slot_counts upstream_limiter::spare_of(std::uint64_t account, const known_account& where) const {
  slot_counts spare{};
  for (auto const& one : where.optional) ++spare[slot_kind_of(one->who.what)];
  for (auto const& one : unproved_.all()) {
    auto& kind = spare[slot_kind_of(one->who.what)];
    if (one->who.proved && one->who.account == account) kind = std::max<std::uint64_t>(kind, 1);
  }
  return spare;
}

std::optional<budget_report> upstream_limiter::report_of(std::uint64_t account, bool anyway, mono_time now) {
  auto const known = accounts_.find(account);
  if (known == accounts_.end() || !known->second->limits.is_shared()) return std::nullopt;
  auto& where = *known->second;
  auto const spare = spare_of(account, where);
  auto const room = openings_now(now);
  if (!anyway && !where.limits.has_news(spare, room, now)) return std::nullopt;
  where.reported_optional = where.optional.size();
  return where.limits.report(spare, room, now);
}

wake_list upstream_limiter::take_word(std::uint64_t account, const budget_word& word, mono_time now) {
  wake_list woken;
  auto const known = accounts_.find(account);
  if (known == accounts_.end() || !known->second->limits.is_shared()) return woken;
  auto bounded = word;
  for (auto& slots : bounded.slots) slots = std::min(slots, policy_.max_in_flight);
  known->second->limits.take(bounded, now);
  grant(now, woken);
  decide_optional(*known->second, now, woken);
  changed_.insert(account);
  return woken;
}

void upstream_limiter::wait_for_spare(const permit_request_ptr& one) {
  auto& where = account_of(*one);
  if (where.optional.size() >= max_optional) return;
  one->is = permit_request::state::waiting;
  one->can_be_left_undone = true;
  where.optional.push_back(one);
  where.limits.ask_for_spare();
  note_change(one->who.account);
}

// The reply decides about those that the report knew of.
void upstream_limiter::decide_optional(known_account& where, mono_time now, wake_list& woken) {
  auto const end =
      where.optional.begin() + static_cast<std::ptrdiff_t>(std::min(where.optional.size(), std::exchange(where.reported_optional, 0)));
  std::vector<permit_request_ptr> const decided{where.optional.begin(), end};
  where.optional.erase(where.optional.begin(), end);
  for (auto const& one : decided) {
    if (host_state(now) == circuit::state::asking || where.limits.is_asking(*one, now)) {
      where.optional.push_back(one);  // another reply will tell
      continue;
    }
    one->can_be_left_undone = false;
    bool const may = !closed_ && has_room(one->who.what, now) && !where.limits.waits_for_slots() && where.limits.may_send(*one, now);
    if (may) {
      send(*one, now);
    } else {
      one->is = permit_request::state::shed;
    }
    woken.push_back(one);
  }
}

}  // namespace gateway
