#include "core/limit/upstream_account.hpp"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

using circuit_state = circuit::state;

}  // namespace

std::string_view name_of(shed_reason why) {
  static constexpr std::array<std::string_view, shed_reason_count> names{"busy", "queue_full", "cooling_down", "failing", "paused"};
  return names[static_cast<std::size_t>(why)];
}

upstream_account::upstream_account(const policy& rules, const client_loads& loads)
    : rules_(rules), loads_(loads), limit_(rules.max_in_flight), cool_down_(rules.cool_down), kinds_(resource_count, kind{rules}) {
  bulk_.set_share(rules.bulk_share);
}

void upstream_account::set_policy(const policy& rules) {
  rules_ = rules;
  limit_.set_most(rules.max_in_flight);
  cool_down_.set_policy(rules.cool_down);
  bulk_.set_share(rules.bulk_share);
  for (auto& one : kinds_) {
    one.pause.set_policy(rules.cool_down);
    one.breaker.set_policy(rules.breaker);
  }
}

bool upstream_account::may_send(const permit_request& one, mono_time now) const {
  return has_room_for(one.who.what, now) && loads_.has_room(one.who) && circuit::passes(state_of(of(one.who.what), one.client(), now));
}

bool upstream_account::has_room_for(resource what, mono_time now) const {
  if (!circuit::passes(cool_down_.state_at(now))) return false;
  if (share_ && !share_->has_room(slot_kind_of(what), used_[slot_kind_of(what)])) return false;  // defence: slot-bounds
  if (in_flight_ >= (share_ ? held_at_ : limit())) return false;
  return share_ || what == resource::summary || passthrough_in_flight_ < passthrough_share(limit());
}

circuit::state upstream_account::state_of(const kind& mine, std::uint64_t client, mono_time now) {
  auto const breaker = mine.breaker.state_for(client, now), pause = mine.pause.state_for(client, now);
  if (breaker == circuit_state::open) return circuit_state::open;
  if (pause == circuit_state::open) return circuit_state::open;  // defence: kind-pauses
  return std::min(breaker, pause);                               // in the order of the states
}

bool upstream_account::may_detach_more(std::uint64_t client, bool detached_too) const {
  auto const detached = detached_.find(client);
  // defence: detached-bound
  return detached == detached_.end() || (detached_too && detached->second < rules_.max_detached_per_client);
}

// An open breaker fails fast, but a request may wait for a cool-down that ends in time.
std::optional<shed_reason> upstream_account::hopeless(const permit_request& one, mono_time now) const {
  if (of(one.who.what).breaker.state_for(one.client(), now) == circuit_state::open) return shed_reason::failing;
  if (paused_until(one) > one.latest) return shed_reason::cooling_down;
  return std::nullopt;
}

mono_time upstream_account::half_open_at(const permit_request& one, shed_reason why) const {
  return why == shed_reason::failing ? of(one.who.what).breaker.half_open_at() : paused_until(one);
}

mono_time upstream_account::paused_until(const permit_request& one) const {
  auto const& pause = of(one.who.what).pause;
  auto until = cool_down_.is_closed() ? mono_time::min() : cool_down_.half_open_at();
  if (pause.concerns(one.client())) until = std::max(until, pause.half_open_at());
  return until;
}

mono_time upstream_account::recheck_at(const permit_request& one, mono_time now) const {
  auto const until = paused_until(one);
  return now < until ? until : mono_time::max();
}

void upstream_account::begin(resource what) {
  ++in_flight_;
  ++used_[slot_kind_of(what)];
}

void upstream_account::end(resource what) {
  --in_flight_;
  auto const kind = slot_kind_of(what);
  --used_[kind];
  if (share_) share_->ended(kind, used_[kind]);
}

void upstream_account::send(permit_request& one, mono_time now) {
  bool const is_summary = one.who.what == resource::summary;
  begin(one.who.what);
  one.in_flight = share_ ? share_->in_flight_with(in_flight_) : in_flight_;
  one.epoch = share_ ? share_->epoch() : 0;
  longest_ = one.timeout;
  if (!is_summary) ++passthrough_in_flight_;
  summary_was_last_ = is_summary;
  one.probes_cool_down = cool_down_.state_at(now) == circuit_state::half_open;
  if (one.probes_cool_down) cool_down_.begin_probe();
  auto& mine = of(one.who.what);
  one.probes_pause = mine.pause.send(one.client(), now);
  one.probes_breaker = mine.breaker.send(one.client(), now);
  used_at_ = now;
}

void upstream_account::set_detached(permit_request& one, bool detached) {
  if (std::exchange(one.detached, detached) == detached) return;
  if (detached) {
    ++detached_[one.client()];
  } else if (auto const found = detached_.find(one.client()); --found->second == 0) {
    detached_.erase(found);
  }
}

upstream_account::tripped upstream_account::finish(permit_request& one, const exchange_feedback& feedback, std::uint64_t newest,
                                                   double chance, mono_time now) {
  auto& mine = of(one.who.what);
  end(one.who.what);
  if (one.who.what != resource::summary) --passthrough_in_flight_;
  set_detached(one, false);
  if (one.probes_cool_down) cool_down_.end_probe();  // defence: probe-ends
  if (one.probes_pause) mine.pause.end_probe();
  if (one.probes_breaker) mine.breaker.end_probe();
  concurrency_limit::observation const observed{one.number, newest, one.in_flight, feedback.reported_load};
  bool const was_cooling = !cool_down_.is_closed(), was_paused = mine.pause.is_open(), was_broken = mine.breaker.is_open();
  tripped begun;
  switch (feedback.is) {
    case exchange_outcome::unknown:
    case exchange_outcome::unreachable:  // a failure of the host, not of the account
      break;
    case exchange_outcome::accepted:
      mine.service.observe(now - one.granted_at);
      note_accepted(one, observed, now);
      cool_down_.close(one.number);  // defence: success-closes
      mine.pause.note_success(one.number);
      mine.breaker.note_success(one.number);
      break;
    case exchange_outcome::throttled:  // the upstream answers, but a 429 says nothing about its health
      note_refused(one, observed, now);
      begun.cooled_down = cool_down_.open(one.number, newest, feedback.retry_after, chance, now);  // defence: account-cools
      break;
    case exchange_outcome::failed:
      mine.pause.blame(feedback.cause);
      mine.breaker.blame(feedback.cause);
      begun.cooled_down = feedback.retry_after > std::chrono::nanoseconds{0} &&
                          mine.pause.note_failure(one.client(), one.number, newest, 1, chance, now, feedback.retry_after);
      begun.broken = mine.breaker.note_failure(one.client(), one.number, newest, rules_.failures_to_break, chance, now);
      break;
  }
  if (begun.cooled_down) {
    for (auto& each : kinds_) interrupt(each, now);
  }
  if (begun.broken) interrupt(mine, now);
  begun.paused_anew = (!was_cooling && !cool_down_.is_closed()) || (!was_paused && mine.pause.is_open());
  begun.opened_anew = !was_broken && mine.breaker.is_open();
  return begun;
}

void upstream_account::interrupt(kind& one, mono_time now) {
  one.queue.interrupted(std::max({now, cool_down_.half_open_at(), one.pause.half_open_at(), one.breaker.half_open_at()}));
}

void upstream_account::hold_at(std::uint64_t most, std::uint64_t newest) {
  bool const is_new = std::exchange(held_at_, most) != most && most != std::numeric_limits<std::uint64_t>::max();
  if (is_new && !share_ && limit_.now() < most) limit_.restart_at(most, newest);
}

bool upstream_account::is_cooling_down() const {
  return !cool_down_.is_closed() || std::ranges::any_of(kinds_, [](const kind& one) { return one.pause.is_open(); });
}

bool upstream_account::is_broken() const {
  return std::ranges::any_of(kinds_, [](const kind& one) { return one.breaker.is_open(); });
}

}  // namespace gateway
