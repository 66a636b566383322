#include "core/limit/upstream_limiter.hpp"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

using permit_state = permit_request::state;
using credential = exchange_feedback::credential;

}  // namespace

upstream_limiter::upstream_limiter(const limiter_policy& policy, std::uint64_t seed)
    : policy_(policy),
      chance_(seed),
      unproved_chance_(seed + 1),
      retries_(policy.max_in_flight),
      unproved_retries_(policy.max_in_flight),
      host_(policy.breaker),
      unproved_(unproved_policy()) {}

upstream_account::policy upstream_limiter::account_policy() const {
  return {policy_.max_in_flight,
          policy_.cool_down,
          policy_.breaker,
          policy_.failures_to_break,
          std::max<std::uint64_t>(policy_.max_in_flight / 8, 1),
          policy_.bulk_share};
}

unproved_queues::policy upstream_limiter::unproved_policy() const {
  // All gateways of a fleet have one share together.
  auto const share = std::max<std::uint64_t>(half_of_all() / fleet_.members, 1);  // defence: unproved-share-of-fleet
  // defence: unproved-share
  return {share, policy_.max_queued / 2, policy_.cool_down, policy_.breaker, policy_.failures_to_break};
}

wake_list upstream_limiter::set_policy(const limiter_policy& policy, mono_time now) {
  wake_list woken;
  policy_ = policy;
  for (auto const& one : accounts_) one.second->limits.set_policy(account_policy());
  unproved_.set_policy(unproved_policy());
  host_.set_policy(policy.breaker);
  grant(now, woken);
  return woken;
}

wake_list upstream_limiter::enter(const permit_request_ptr& one, fair_queue::position where, mono_time now) {
  wake_list woken;
  one->is = permit_state::waiting;
  one->who.share = share_of(one->who);  // defence: shares-of-entering
  one->in_unproved_queue = one->who.is_unproved();
  set_latest(*one);
  if (one->abandoned) {
    one->is = permit_state::shed;
  } else if (auto const why = closed_ ? shed_reason::busy : hopeless(*one, now)) {
    shed(one, *why, now, woken);
  } else {
    queue(one, where, now);
    grant(now, woken);
    if (one->is == permit_state::waiting && where == fair_queue::position::last) judge_wait(one, now, woken);  // defence: hopeless-wait
    if (one->is == permit_state::waiting) bound_queue(one, now, woken);
  }
  std::erase(woken, one);
  return woken;
}

bool upstream_limiter::try_enter(const permit_request_ptr& one, mono_time now) {
  one->who.share = share_of(one->who);
  one->in_unproved_queue = one->who.is_unproved();
  bool const asks = host_state(now) == circuit::state::asking;
  if (closed_ || (!asks && !has_room(one->who.what, now))) return false;
  set_latest(*one);
  if (hopeless(*one, now) || !loads_.has_room(one->who)) return false;
  if (one->in_unproved_queue) {
    if (asks || some_wait_for_slots() || !unproved_.may_send(*one, now) || !account_has_room(*one)) return false;
  } else if (auto const& account = account_of(*one).limits; asks || account.waits_for_slots() || !account.may_send(*one, now)) {
    if (account.is_shared() && !account.waits_for_slots()) wait_for_spare(one);
    return false;
  }
  send(*one, now);
  return true;
}

wake_list upstream_limiter::recheck(const permit_request_ptr& one, mono_time now) {
  wake_list woken;
  note_change(one->who.account);
  grant(now, woken);
  if (one->is == permit_state::waiting) {
    set_latest(*one);
    if (now >= one->latest) shed(one, shed_reason::busy, now, woken);
  }
  std::erase(woken, one);
  return woken;
}

bool upstream_limiter::may_repeat(permit_request& again, mono_time now) {
  set_latest(again);
  return now < again.latest && !hopeless(again, now) && retries_of(again).spend();
}

wake_list upstream_limiter::finish(const permit_request_ptr& one, const exchange_feedback& feedback, mono_time now) {
  wake_list woken;
  --in_flight_;  // defence: in-flight-counted
  one->under_way = false;
  loads_.ended(one->who);
  if (one->who.share.is_bulk() && !one->in_unproved_queue) --totals_.bulk_in_flight;
  if (one->who.what != resource::summary) --passthrough_in_flight_;
  if (one->detached) --detached_;
  bool host_fails = false;
  bool const host_was_open = host_.is_open();
  if (one->probes_host) host_.end_probe();
  if (feedback.is == exchange_outcome::unreachable) {
    host_.blame(feedback.cause);
    host_fails = host_.note_failure(host_client, one->number, newest_, policy_.failures_to_break, draw(chance_), now);
  } else if (feedback.is != exchange_outcome::unknown) {
    host_.note_success(one->number);
  }
  if (one->in_unproved_queue && unproved_.finish(*one, feedback, newest_, draw(unproved_chance_), now))
    reconsider(unproved_.all(), now, woken);
  upstream_account::tripped begun;
  if (one->in_unproved_queue) {  // defence: unproved-ends-apart
    if (one->who.proved) account_of(*one).limits.end_guest(one->who.what);
  } else {
    auto& account = account_of(*one).limits;
    begun = account.finish(*one, feedback, newest_, draw(chance_), now);
    if (begun.cooled_down || begun.broken) reconsider(account.all(), now, woken);
  }
  totals_.cool_downs += begun.paused_anew ? 1 : 0;
  totals_.breaks += begun.opened_anew || (!host_was_open && host_.is_open()) ? 1 : 0;
  if (host_fails) reconsider(all_waiting(), now, woken);
  note_circuits(*one, feedback.is);
  note_change(one->who.account);
  if (feedback.who != credential::unknown) move_with(*one, feedback.who, now, woken);
  grant(now, woken);
  return woken;
}

wake_list upstream_limiter::close(mono_time now) {
  wake_list woken;
  closed_ = true;
  for (auto const& one : all_waiting()) shed(one, shed_reason::busy, now, woken);
  return woken;
}

void upstream_limiter::send(permit_request& one, mono_time now) {
  one.is = permit_state::granted;
  one.granted_at = now;
  one.under_way = true;
  one.detached = false;
  one.number = ++newest_;
  ++in_flight_;
  loads_.began(one.who);
  if (one.who.share.is_bulk() && !one.in_unproved_queue) ++totals_.bulk_in_flight;
  if (one.who.what != resource::summary) ++passthrough_in_flight_;
  retries_of(one).note_request();
  one.probes_host = host_.send(host_client, now);
  if (one.in_unproved_queue) unproved_.send(one, now);
  if (!one.in_unproved_queue) {  // defence: unproved-moves-no-account
    ++totals_.permits[static_cast<std::size_t>(one.who.share.group)];
    account_of(one).limits.send(one, now);
  } else if (one.who.proved) {
    account_of(one).limits.begin_guest(one.who.what);
  }
}

// A guest uses a proved credential, so the limit of its account applies.
bool upstream_limiter::account_has_room(const permit_request& guest) const {
  auto const* const where = guest.who.proved ? find_account(guest) : nullptr;
  return where == nullptr || where->limits.has_room(guest.who.what);  // defence: guest-has-place
}

bool upstream_limiter::has_room(resource what, mono_time now) const {
  if (closed_ || in_flight_ >= policy_.max_in_flight || !circuit::passes(host_state(now))) return false;
  return what == resource::summary || passthrough_in_flight_ < passthrough_share(policy_.max_in_flight);
}

// Grants one request of each account in turn until none can be granted, and then unproved requests.
void upstream_limiter::grant(mono_time now, wake_list& woken) {
  for (auto next = waiting_.begin(); next != waiting_.end() && has_room(resource::summary, now);) {
    auto& where = **next;
    auto const here = next++;
    auto const one = where.limits.take_next(openings_now(now), now);
    if (!one) continue;
    --queued_;
    send(*one, now);
    woken.push_back(one);
    if (where.limits.waiting() == 0) {
      leave_round(where);
      continue;
    }
    waiting_.splice(waiting_.end(), waiting_, here);
    if (next == waiting_.end()) next = here;
  }
  grant_unproved(now, woken);  // defence: unproved-last
}

void upstream_limiter::grant_unproved(mono_time now, wake_list& woken) {
  auto const account_may = [&](const permit_request& one) {
    return has_room(one.who.what, now) && account_has_room(one) && loads_.has_room(one.who);  // defence: client-bound-unproved
  };
  while (has_room(resource::summary, now)) {
    auto const one = unproved_.take_next(now, account_may);
    if (!one) return;
    send(*one, now);
    woken.push_back(one);
  }
}

}  // namespace gateway
