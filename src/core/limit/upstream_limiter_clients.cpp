// The part of upstream_limiter about the clients behind the requests: another one joins, none waits any more, or their shares change.
#include <algorithm>
#include <utility>

#include "core/limit/upstream_limiter.hpp"

namespace gateway {
namespace {

using permit_state = permit_request::state;

}  // namespace

wake_list upstream_limiter::join(const permit_request_ptr& one, requester who, mono_time until, mono_time now) {
  wake_list woken;
  who.share = share_of(who);
  if (!who.is_unproved() && !who.share.is_bulk()) one->who.raised = true;  // for the next attempt, too; defence: joined-raises
  one->until = std::max(one->until, until);
  one->abandoned = false;
  if (one->is == permit_state::granted) {
    if (one->detached) {
      --detached_;
      account_of(*one).limits.set_detached(*one, false);
    }
    return woken;
  }
  if (one->is != permit_state::waiting || who.is_unproved()) return woken;
  if (!one->who.is_unproved() && !one->can_be_left_undone) {
    account_of(*one).limits.join(one, who, now);
    note_change(one->who.account);
    grant(now, woken);  // it may have waited for a bound that does not concern the other client
    return woken;
  }
  // A proved requester wants the same: the request moves to the queue of the requester's account, and can no longer be left undone.
  bool const waits = unqueue(*one);
  one->who = who;
  one->in_unproved_queue = false;
  if (!waits) return woken;
  if (levers_.stops(who.account, now)) {  // defence: joined-account-stopped
    shed(one, shed_reason::paused, now, woken);
    return woken;
  }
  queue(one, fair_queue::position::last, now);
  grant(now, woken);
  return woken;
}

wake_list upstream_limiter::abandon(const permit_request_ptr& one, mono_time now) {
  wake_list woken;
  if (one->is == permit_state::waiting) {
    one->abandoned = true;
    if (unqueue(*one)) {  // defence: abandoned-not-sent
      one->is = permit_state::shed;
      woken.push_back(one);
    }
  } else if (!one->under_way) {  // between two attempts; defence: ended-is-not-detached
    one->abandoned = true;
  } else if (!one->in_unproved_queue && !one->detached) {
    ++detached_;
    account_of(*one).limits.set_detached(*one, true);
  }
  grant(now, woken);
  return woken;
}

// The requests of a client whose share has changed go to the queue where they belong now, in their order.
wake_list upstream_limiter::set_shares(const client_shares& shares, mono_time now) {
  wake_list woken;
  shares_ = shares;
  for (auto const& one : all_waiting()) {
    auto const share = share_of(one->who);
    if (one->who.share == share) continue;
    if (one->in_unproved_queue || one->can_be_left_undone) {
      one->who.share = share;
      continue;
    }
    unqueue(*one);
    one->who.share = share;  // defence: shares-of-waiting
    queue(one, fair_queue::position::last, now);
  }
  grant(now, woken);
  return woken;
}

client_share upstream_limiter::share_of(const requester& who) const {
  auto const found = shares_.find(who.named);
  auto share = found == shares_.end() ? who.share : found->second;
  if (who.raised) share.group = client_class::interactive;  // defence: raised-stays
  return share;
}

bool upstream_limiter::some_wait_for_slots() const {
  return std::ranges::any_of(waiting_, [](const known_account* one) { return one->limits.waits_for_slots(); });
}

}  // namespace gateway
