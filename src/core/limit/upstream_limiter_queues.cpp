// The second half of upstream_limiter: who waits where, for how long, and what they are told; and its figures.
#include <algorithm>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {
namespace {

using state = permit_request::state;

// More accounts than anybody has.
constexpr std::size_t max_accounts = 1024;
// Whoever finds no place among those shares one.
constexpr std::uint64_t everybody_else = 0;

}  // namespace

upstream_limiter::place& upstream_limiter::place_of(permit_request& one) {
  auto& account = one.who.account;
  auto const known = places_.find(account);
  if (known != places_.end()) return *known->second;
  if (places_.size() >= max_accounts && !forget_an_idle_one()) account = everybody_else;
  auto& made = places_[account];
  if (!made) made = std::make_unique<place>(account_rules());
  return *made;
}

const upstream_limiter::place* upstream_limiter::known(const permit_request& one) const {
  auto const found = places_.find(one.who.account);
  return found == places_.end() ? nullptr : found->second.get();
}

bool upstream_limiter::forget_an_idle_one() {
  // What is known of an account in trouble is worth more than of one that is not.
  auto const worth = [](const upstream_account& one) { return std::pair{one.is_cooling_down() || one.is_broken(), one.used_at()}; };
  auto oldest = places_.end();
  for (auto one = places_.begin(); one != places_.end(); ++one) {
    auto const& account = one->second->account;
    if (!account.is_idle() || one->first == everybody_else) continue;
    if (oldest == places_.end() || worth(account) < worth(oldest->second->account)) oldest = one;
  }
  if (oldest == places_.end()) return false;
  places_.erase(oldest);
  return true;
}

void upstream_limiter::set_latest(permit_request& one) {
  auto const exchange = one.who.is_unproved() ? unproved_.reserve(one.timeout) : place_of(one).account.reserve(one.who.what, one.timeout);
  one.latest = one.until - exchange;
}

std::optional<shed_reason> upstream_limiter::hopeless(permit_request& one, mono_time now) {
  if (is_out_of_reach(now)) return shed_reason::failing;
  return one.who.is_unproved() ? unproved_.hopeless(one, now) : place_of(one).account.hopeless(one, now);
}

// Honest as far as we can tell: when the gate opens, or when those of the same client who wait now will have had their turns.
std::chrono::nanoseconds upstream_limiter::retry_in(permit_request& one, shed_reason why, mono_time now) {
  bool const at_a_gate = why == shed_reason::cooling_down || why == shed_reason::failing;
  if (why == shed_reason::failing && is_out_of_reach(now)) return host_.half_open_at() - now;
  if (one.who.is_unproved()) return at_a_gate ? unproved_.half_open_at(one, why) - now : unproved_.expected_wait();
  auto const& account = place_of(one).account;
  if (at_a_gate) return account.half_open_at(one.who.what, why) - now;
  return account.expected_wait(one).value_or(account.guessed_wait(one.who.what));
}

void upstream_limiter::queue(const permit_request_ptr& one, fair_queue::position at) {
  bool const is_unproved = one->who.is_unproved();
  one->set_client(is_unproved ? one->who.address : one->who.client);
  if (is_unproved) return unproved_.push(one);
  auto& where = place_of(*one);
  where.account.push(one, at);
  ++queued_;
  if (!std::exchange(where.waits, true)) where.in_line = waiting_.insert(waiting_.end(), &where);
}

bool upstream_limiter::unqueue(permit_request& one) {
  if (one.who.is_unproved()) return unproved_.remove(one);
  auto& where = place_of(one);
  bool const waited = where.account.remove(one);
  if (waited) --queued_;
  settle(where);
  return waited;
}

// The account leaves the round when nobody of it waits.
void upstream_limiter::settle(place& where) {
  if (where.account.waiting() > 0 || !std::exchange(where.waits, false)) return;
  waiting_.erase(where.in_line);
}

// As turns come now, the last of its client's would come too late: better said at once than when its time is up.
void upstream_limiter::judge_wait(const permit_request_ptr& newest, mono_time now, wake_list& woken) {
  if (newest->who.is_unproved()) return;  // in its line others may go first, or all of them at once
  auto const wait = place_of(*newest).account.expected_wait(*newest);
  if (wait && now + *wait > newest->latest) shed(newest, shed_reason::busy, now, woken);
}

// Too many: of the client that has the most waiting the last one goes, and that is the one who came now unless another has more. What is
// unproved has a bound of its own.
void upstream_limiter::bound_queue(const permit_request_ptr& newest, mono_time now, wake_list& woken) {
  if (newest->who.is_unproved()) {
    while (auto const last = unproved_.one_too_many()) shed(last, shed_reason::queue_full, now, woken);
    return;
  }
  if (queued_ <= policy_.max_queued) return;
  auto const most = *std::ranges::max_element(waiting_, {}, [](const place* one) { return one->account.longest(); });
  bool const is_theirs = place_of(*newest).account.waiting_of(*newest) < most->account.longest();
  shed(is_theirs ? most->account.last_of_longest() : newest, shed_reason::queue_full, now, woken);
}

void upstream_limiter::shed(const permit_request_ptr& one, shed_reason why, mono_time now, wake_list& woken) {
  unqueue(*one);
  one->is = state::shed;
  one->why = why;
  one->retry_in = retry_in(*one, why, now);
  ++totals_.sheds[static_cast<std::size_t>(why)];
  woken.push_back(one);
}

void upstream_limiter::tell(const std::vector<permit_request_ptr>& waiting, mono_time now, wake_list& woken) {
  for (auto const& one : waiting) {
    if (auto const why = hopeless(*one, now)) {
      shed(one, *why, now, woken);
    } else {
      woken.push_back(one);
    }
  }
}

std::vector<permit_request_ptr> upstream_limiter::everybody() const {
  auto all = unproved_.all();
  for (auto const* const where : waiting_) {
    auto const theirs = where->account.all();
    all.insert(all.end(), theirs.begin(), theirs.end());
  }
  return all;
}

mono_time upstream_limiter::look_again(const permit_request& one, mono_time now) const {
  auto const at = one.latest;
  if (one.who.is_unproved()) return std::min(at, unproved_.look_again(one, now));
  auto const* const where = known(one);
  return where == nullptr ? at : std::min(at, where->account.look_again(now));
}

upstream_limiter::load upstream_limiter::now() const {
  auto all = totals_;
  all.in_flight = in_flight_;
  all.waiting = queued_ + unproved_.waiting();
  all.unproved_in_flight = unproved_.in_flight();
  all.unproved_waiting = unproved_.waiting();
  all.unproved_broken = unproved_.broken();
  all.detached = detached_;
  all.limit = policy_.max_in_flight;
  for (auto const& [key, one] : places_) {
    all.limit = std::min(all.limit, one->account.limit());
    all.cooling_down += one->account.is_cooling_down() ? 1 : 0;
    all.broken += one->account.is_broken() ? 1 : 0;
  }
  // Then nobody reaches it.
  if (host_.is_open()) all.broken = std::max<std::uint64_t>(places_.size(), 1);
  return all;
}

upstream_limiter::share upstream_limiter::of(std::uint64_t account) const {
  auto const known = places_.find(account);
  if (known == places_.end()) return {policy_.max_in_flight, 0};
  return {std::min(known->second->account.limit(), policy_.max_in_flight), known->second->account.in_flight()};
}

}  // namespace gateway
