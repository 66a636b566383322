// The second half of upstream_limiter: which request waits in which queue and for how long, when it is shed, and the limiter's figures.
#include <algorithm>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {
namespace {

using permit_state = permit_request::state;
using credential = exchange_feedback::credential;

// More accounts than a gateway serves in practice.
constexpr std::size_t max_accounts = 1024;
// All further accounts share this one.
constexpr std::uint64_t any_other_account = 0;

}  // namespace

upstream_limiter::known_account& upstream_limiter::account_of(permit_request& one) {
  auto& account = one.who.account;
  auto const known = accounts_.find(account);
  if (known != accounts_.end()) return *known->second;
  if (accounts_.size() >= max_accounts && !forget_an_idle_account()) account = any_other_account;
  auto& made = accounts_[account];
  if (!made) {
    made = std::make_unique<known_account>(account_policy(), loads_);
    apply_fleet(made->limits);
    made->limits.hold_at(levers_.limit_of(account), newest_);
    // Other gateways may know more about it.
    if (fleet_.now == fleet_state::is::shared) ask_for_circuits_ = circuits_changed_ = true;
  }
  return *made;
}

const upstream_limiter::known_account* upstream_limiter::find_account(const permit_request& one) const {
  auto const found = accounts_.find(one.who.account);
  return found == accounts_.end() ? nullptr : found->second.get();
}

bool upstream_limiter::forget_an_idle_account() {
  // The state of an account with an open circuit is worth more than that of a healthy one.
  auto const worth = [](const upstream_account& one) { return std::pair{one.is_cooling_down() || one.is_broken(), one.used_at()}; };
  auto oldest = accounts_.end();
  for (auto one = accounts_.begin(); one != accounts_.end(); ++one) {
    auto const& account = one->second->limits;
    if (!account.is_idle() || !one->second->optional.empty() || one->first == any_other_account) continue;
    if (oldest == accounts_.end() || worth(account) < worth(oldest->second->limits)) oldest = one;
  }
  if (oldest == accounts_.end()) return false;
  accounts_.erase(oldest);
  return true;
}

void upstream_limiter::set_latest(permit_request& one) {
  auto const exchange = one.who.is_unproved() ? unproved_.reserve(one.timeout) : account_of(one).limits.reserve(one.who.what, one.timeout);
  one.latest = one.until - exchange;
}

std::optional<shed_reason> upstream_limiter::hopeless(permit_request& one, mono_time now) {
  if (levers_.stops(one.who.account, now)) return shed_reason::paused;
  if (is_out_of_reach(now)) return shed_reason::failing;  // defence: host-out-of-reach
  return one.who.is_unproved() ? unproved_.hopeless(one, now) : account_of(one).limits.hopeless(one, now);
}

// The best estimate: when the circuit becomes half-open, or when the waiting requests of the same client, this one included, will have had
// their permits.
std::chrono::nanoseconds upstream_limiter::retry_in(permit_request& one, shed_reason why, mono_time now) {
  if (why == shed_reason::paused) return levers_.stopped_until(one.who.account) - now;
  bool const is_open = why == shed_reason::cooling_down || why == shed_reason::failing;
  if (why == shed_reason::failing && is_out_of_reach(now)) return host_.half_open_at() - now;
  if (one.who.is_unproved()) return is_open ? unproved_.half_open_at(one, why) - now : unproved_.expected_wait();
  auto const& account = account_of(one).limits;
  if (is_open) return account.half_open_at(one, why) - now;
  return account.told_wait(one, now);
}

void upstream_limiter::queue(const permit_request_ptr& one, fair_queue::position at, mono_time now) {
  bool const is_unproved = one->who.is_unproved();
  one->set_client(is_unproved ? one->who.address : one->who.client, is_unproved ? 1 : one->who.share.weight);  // defence: unproved-weight
  note_change(one->who.account);
  if (is_unproved) {
    if (one->who.proved && fleet_.now == fleet_state::is::shared) account_of(*one).limits.ask_for_spare();
    return unproved_.push(one);
  }
  auto& where = account_of(*one);
  where.limits.push(one, at, now);
  ++queued_;
  if (!std::exchange(where.waits, true)) where.in_round = waiting_.insert(waiting_.end(), &where);
}

bool upstream_limiter::unqueue(permit_request& one) {
  note_change(one.who.account);
  if (std::exchange(one.can_be_left_undone, false)) {
    std::erase_if(account_of(one).optional, [&](const permit_request_ptr& each) { return each.get() == &one; });
    return true;
  }
  if (one.who.is_unproved()) return unproved_.remove(one);
  auto& where = account_of(one);
  bool const waited = where.limits.remove(one);
  if (waited) --queued_;
  leave_round(where);
  return waited;
}

// An account without waiting requests leaves the round.
void upstream_limiter::leave_round(known_account& account) {
  if (account.limits.waiting() > 0 || !std::exchange(account.waits, false)) return;
  waiting_.erase(account.in_round);
}

// At the present rate of permits this request would get its permit too late, so it is shed at once and not when its time is up.
void upstream_limiter::judge_wait(const permit_request_ptr& newest, mono_time now, wake_list& woken) {
  if (newest->who.is_unproved()) return;  // the order in its queue says little about when it is granted
  auto const wait = account_of(*newest).limits.expected_wait(*newest, now);
  if (wait && now + *wait > newest->latest) shed(newest, shed_reason::busy, now, woken);
}

// When the queue is full, the account with the most waiting requests says which of them is shed: accounts take turns, whatever their
// clients weigh. If none has more than the newest one's account, that is it. Unproved requests have a bound of their own.
void upstream_limiter::bound_queue(const permit_request_ptr& newest, mono_time now, wake_list& woken) {
  if (newest->who.is_unproved()) {
    while (auto const last = unproved_.one_too_many()) shed(last, shed_reason::queue_full, now, woken);
    return;
  }
  if (queued_ <= policy_.max_queued) return;  // defence: queue-bound
  auto const& mine = account_of(*newest).limits;
  auto const& most = (*std::ranges::max_element(waiting_, {}, [](const known_account* one) { return one->limits.waiting(); }))->limits;
  auto const& where = mine.waiting() < most.waiting() ? most : mine;
  shed(where.one_too_many(&where == &mine ? newest : nullptr), shed_reason::queue_full, now, woken);
}

void upstream_limiter::shed(const permit_request_ptr& one, shed_reason why, mono_time now, wake_list& woken) {
  one->retry_in = retry_in(*one, why, now);  // first: with the last one that waits, its pace is forgotten
  unqueue(*one);
  one->is = permit_state::shed;
  one->why = why;
  ++totals_.sheds[static_cast<std::size_t>(why)];
  woken.push_back(one);
}

void upstream_limiter::reconsider(const std::vector<permit_request_ptr>& waiting, mono_time now, wake_list& woken) {
  for (auto const& one : waiting) {
    if (auto const why = hopeless(*one, now)) {
      shed(one, *why, now, woken);
    } else {
      woken.push_back(one);
    }
  }
}

// The requests of a proved credential move to the queues of their account. The requests of a refused credential move to the unproved ones.
void upstream_limiter::move_with(const permit_request& one, credential verdict, mono_time now, wake_list& woken) {
  bool const proved = verdict == credential::accepted;
  if (one.who.proved == proved) return;
  auto those = unproved_.take_all_with(one.who.credential);
  if (auto const* const where = proved ? nullptr : find_account(one)) {
    for (auto const& each : where->limits.all()) {
      if (each->who.credential == one.who.credential && unqueue(*each)) those.push_back(each);
    }
  }
  for (auto const& each : those) {
    each->who.proved = proved;
    each->in_unproved_queue = each->who.is_unproved();
    set_latest(*each);
    if (auto const why = hopeless(*each, now)) {
      shed(each, *why, now, woken);
    } else {
      queue(each, fair_queue::position::last, now);
      woken.push_back(each);
    }
  }
  while (auto const last = unproved_.one_too_many()) shed(last, shed_reason::queue_full, now, woken);
}

std::vector<permit_request_ptr> upstream_limiter::all_waiting() const {
  auto all = unproved_.all();
  for (auto const* const where : waiting_) {
    auto const theirs = where->limits.all();
    all.insert(all.end(), theirs.begin(), theirs.end());
  }
  for (auto const& [key, where] : accounts_) all.insert(all.end(), where->optional.begin(), where->optional.end());
  return all;
}

mono_time upstream_limiter::recheck_at(const permit_request& one, mono_time now) const {
  auto const at = one.latest;
  if (one.who.is_unproved()) return std::min(at, unproved_.recheck_at(one, now));
  auto const* const where = find_account(one);
  return where == nullptr ? at : std::min(at, where->limits.recheck_at(one, now));
}

upstream_limiter::load upstream_limiter::now() const {
  auto all = totals_;
  all.in_flight = in_flight_;
  all.waiting = queued_ + unproved_.waiting();
  all.unproved_in_flight = unproved_.in_flight();
  all.unproved_waiting = unproved_.waiting();
  for (auto const* const one : waiting_) all.bulk_waiting += one->limits.waiting_of(client_class::bulk);
  all.unproved_broken = unproved_.broken();
  all.detached = detached_;
  all.limit = policy_.max_in_flight;
  for (auto const& [key, one] : accounts_) {
    all.limit = std::min(all.limit, one->limits.limit());
    all.cooling_down += one->limits.is_cooling_down() ? 1 : 0;
    all.broken += one->limits.is_broken() ? 1 : 0;
  }
  // No account reaches the upstream then.
  if (host_.is_open()) all.broken = std::max<std::uint64_t>(accounts_.size(), 1);
  return all;
}

upstream_limiter::share upstream_limiter::of(std::uint64_t account) const {
  auto const known = accounts_.find(account);
  if (known == accounts_.end()) return {std::min(policy_.max_in_flight, levers_.limit_of(account)), 0};
  return {std::min(known->second->limits.limit(), policy_.max_in_flight), known->second->limits.in_flight()};
}

}  // namespace gateway
