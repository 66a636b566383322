// The part of upstream_account that speaks with a fleet: what it needs, and what it does without one.
#include <algorithm>
#include <array>
#include <utility>

#include "core/limit/upstream_account.hpp"

namespace gateway {
namespace {

using circuit_state = circuit::state;

}  // namespace

void upstream_account::join_fleet() {
  if (share_) return;
  auto const alone = limit_;
  share_.emplace(learnt_ ? learnt_->epoch : 0, std::exchange(is_alone_, false) ? alone.now() : 0);  // defence: part-kept
  // What it learnt alone is its part of the limit. Of the whole it says only that a level was refused.
  limit_ = learnt_ ? learnt_->limit : concurrency_limit{rules_.max_in_flight};
  limit_.wait_as(alone);
  limit_.set_most(rules_.max_in_flight);
  learnt_.reset();
}

// Other gateways do the same, and none knows how many of the others are busy: a fifth of the limit stays unused.
void upstream_account::leave_fleet(std::uint64_t members, std::uint64_t newest) {
  if (share_ && share_->epoch() != 0) learnt_ = fleet_limit{limit_, share_->epoch()};
  share_.reset();
  is_alone_ = true;
  auto const all = (learnt_ ? learnt_->limit.now() : limit_.now()) * 4 / 5;
  limit_.restart_at(all / std::max<std::uint64_t>(members, 1), newest);  // defence: island-budget
}

std::uint64_t upstream_account::sendable(const kind& mine, bool detached_too, mono_time now) const {
  auto const count = [&](circuit_state wanted) {
    auto const may = [&](std::uint64_t client) { return state_of(mine, client, now) == wanted && may_detach_more(client, detached_too); };
    return mine.queue.sendable(may, loads_);  // defence: bound-in-fleet
  };
  // A half-open circuit lets one pass.
  return count(circuit_state::closed) + std::min<std::uint64_t>(count(circuit_state::half_open), 1);
}

// More than the limit is never given, so more is not asked for.
budget_share::needs upstream_account::needs_of(const slot_counts& spare, const openings& room, mono_time now) const {
  budget_share::needs what{used_, used_, spare};
  auto const account = cool_down_.state_at(now);
  if (!circuit::passes(account)) return {used_, used_, {}};
  slot_counts waiting{};
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    auto const which = static_cast<resource>(i);
    if (which != resource::summary && !room.passthrough) continue;
    waiting[slot_kind_of(which)] += sendable(kinds_[i], room.detached, now);
  }
  auto left = account == circuit_state::half_open ? std::min<std::uint64_t>(room.count, 1) : room.count;
  for (std::size_t kind = 0; kind < slot_kinds; ++kind) {
    auto const more = std::min(waiting[kind], left);
    what.wanted[kind] = std::max(used_[kind], std::min(used_[kind] + more, limit()));
    what.spare[kind] = std::min(spare[kind], left - more);
    left -= more;
  }
  return what;
}

bool upstream_account::has_news(const slot_counts& spare, const openings& room, mono_time now) const {
  return share_->has_changed(needs_of(spare, room, now));
}

budget_report upstream_account::report(const slot_counts& spare, const openings& room, mono_time now) {
  auto made = share_->report(needs_of(spare, room, now), limit_, now);
  // All kinds take about the same time; the longest estimate is on the safe side.
  auto const longest = std::ranges::max_element(kinds_, {}, [this](const kind& one) {
    return one.service.mean().count() == 0 ? std::chrono::nanoseconds{0} : one.service.reserve(longest_);
  });
  made.reserve = std::chrono::ceil<std::chrono::milliseconds>(longest->service.reserve(longest_));
  return made;
}

// An exchange that began with a slot of the fleet says nothing about the limit of a gateway that is alone, and the other way round.
void upstream_account::note_accepted(const permit_request& one, const concurrency_limit::observation& what, mono_time now) {
  if (share_ && one.epoch != 0) {
    share_->accepted(one.epoch, what.in_flight, what.reported);
  } else if (!share_ && one.epoch == 0) {
    limit_.accepted(what, now);
  }
}

void upstream_account::note_refused(const permit_request& one, const concurrency_limit::observation& what, mono_time now) {
  if (share_ && one.epoch != 0) {
    auto in_epochs = what;
    in_epochs.sent = one.epoch;
    share_->refused(in_epochs);
  } else if (!share_ && one.epoch == 0) {
    // The level that was refused is the one at which an operator holds it.
    if (held_at_ < limit_.now() && what.sent > 0) limit_.restart_at(held_at_, what.sent - 1);
    limit_.refused(what, now);
  }
}

}  // namespace gateway
