#include "core/limit/unproved_queues.hpp"

#include <cassert>

namespace gateway {
namespace {

using circuit_state = circuit::state;

}  // namespace

const unproved_queues::address_state* unproved_queues::known(std::uint64_t address) const {
  auto const found = addresses_.find(address);
  return found == addresses_.end() ? nullptr : &found->second;
}

unproved_queues::address_state& unproved_queues::state_of(std::uint64_t address) {
  auto const [place, is_new] = addresses_.try_emplace(address, rules_);
  auto& mine = place->second;
  if (is_new) {
    mine.by_use = by_use_.insert(by_use_.end(), address);
  } else {
    by_use_.splice(by_use_.end(), by_use_, mine.by_use);
  }
  // Addresses with exchanges in flight are few and stay, and so does the newest address.
  for (auto oldest = by_use_.begin(); addresses_.size() > max_known && *oldest != address;) {
    auto const found = addresses_.find(*oldest);
    if (found->second.in_flight > 0) {
      by_use_.splice(by_use_.end(), by_use_, std::exchange(oldest, std::next(oldest)));
      continue;
    }
    addresses_.erase(found);
    oldest = by_use_.erase(oldest);
  }
  return mine;
}

bool unproved_queues::address_may(std::uint64_t address, mono_time now) const {
  auto const* const mine = known(address);
  if (mine == nullptr) return true;
  return mine->in_flight < std::min(mine->width, rules_.max_in_flight) && mine->cool_down.state_at(now) != circuit_state::open &&
         mine->breaker.state_for(address, now) != circuit_state::open;
}

// As for an account: an open breaker fails fast, but a request may wait for the end of a cool-down.
std::optional<shed_reason> unproved_queues::hopeless(const permit_request& one, mono_time now) const {
  auto const* const mine = known(one.who.address);
  if (mine == nullptr) return std::nullopt;
  if (mine->breaker.state_for(one.who.address, now) == circuit_state::open) return shed_reason::failing;
  if (!mine->cool_down.is_closed() && mine->cool_down.half_open_at() > one.latest) return shed_reason::cooling_down;
  return std::nullopt;
}

mono_time unproved_queues::half_open_at(const permit_request& one, shed_reason why) const {
  auto const* const mine = known(one.who.address);
  if (mine == nullptr) return {};
  return why == shed_reason::failing ? mine->breaker.half_open_at() : mine->cool_down.half_open_at();
}

mono_time unproved_queues::recheck_at(const permit_request& one, mono_time now) const {
  auto const* const mine = known(one.who.address);
  bool const waits = mine != nullptr && !mine->cool_down.is_closed() && now < mine->cool_down.half_open_at();
  return waits ? mine->cool_down.half_open_at() : mono_time::max();
}

std::uint64_t unproved_queues::broken() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(addresses_, [](const auto& one) { return one.second.breaker.is_open(); }));
}

std::chrono::nanoseconds unproved_queues::expected_wait() const {
  auto const between = pace_.between();
  if (between) return *between * static_cast<std::int64_t>(waiting_);
  return service_.mean() * static_cast<std::int64_t>((waiting_ + rules_.max_in_flight - 1) / rules_.max_in_flight);
}

void unproved_queues::push(const permit_request_ptr& one) {
  auto const [known, is_new] = by_id_.try_emplace(one->who.network);
  if (is_new) known->second = networks_.emplace(networks_.end(), one->who.network);
  known->second->requests.push(one, fair_queue::position::last);
  ++waiting_;
}

bool unproved_queues::remove(permit_request& one) {
  auto const whose = by_id_.find(one.who.network);
  if (whose == by_id_.end() || !whose->second->requests.remove(one)) return false;
  left(whose->second);
  return true;
}

void unproved_queues::left(std::list<network>::iterator from) {
  if (--waiting_ == 0) pace_.forget();
  if (from->requests.size() > 0) return;
  by_id_.erase(from->id);
  networks_.erase(from);
}

std::vector<permit_request_ptr> unproved_queues::all() const {
  std::vector<permit_request_ptr> everyone;
  for (auto const& one : networks_) {
    auto const theirs = one.requests.all();
    everyone.insert(everyone.end(), theirs.begin(), theirs.end());
  }
  return everyone;
}

std::vector<permit_request_ptr> unproved_queues::take_all_with(std::uint64_t credential) {
  auto those = all();
  std::erase_if(those, [&](const permit_request_ptr& one) { return one->who.credential != credential; });
  for (auto const& one : those) remove(*one);
  return those;
}

permit_request_ptr unproved_queues::one_too_many() const {
  if (waiting_ <= rules_.max_queued) return nullptr;
  auto const most = std::ranges::max_element(networks_, {}, [](const network& one) { return one.requests.size(); });
  return most->requests.last_of_longest();
}

bool unproved_queues::may_send(const permit_request& one, mono_time now) const {
  return in_flight_ < rules_.max_in_flight && waiting_ == 0 && address_may(one.who.address, now) && credential_may(one);
}

void unproved_queues::send(permit_request& one, mono_time now) {
  auto& mine = state_of(one.who.address);
  ++mine.in_flight;
  ++in_flight_;
  if (!one.who.proved) under_way_.insert(one.who.credential);
  one.probes_breaker = mine.breaker.send(one.who.address, now);
  one.probes_cool_down = mine.cool_down.state_at(now) == circuit_state::half_open;
  if (one.probes_cool_down) mine.cool_down.begin_probe();
}

bool unproved_queues::finish(permit_request& one, const exchange_feedback& feedback, std::uint64_t newest, double chance, mono_time now) {
  auto& mine = state_of(one.who.address);
  assert(mine.in_flight > 0 && "an address with exchanges in flight is not forgotten");
  --mine.in_flight;
  --in_flight_;
  if (!one.who.proved) under_way_.erase(one.who.credential);
  if (one.probes_breaker) mine.breaker.end_probe();
  if (one.probes_cool_down) mine.cool_down.end_probe();
  using credential = exchange_feedback::credential;
  if (feedback.who == credential::accepted) mine.width = std::min(mine.width * 2, std::max<std::uint64_t>(rules_.max_in_flight, 2));
  if (feedback.who == credential::refused) mine.width = std::max<std::uint64_t>(mine.width / 2, 1);
  switch (feedback.is) {
    case exchange_outcome::accepted:
      service_.observe(now - one.granted_at);
      mine.breaker.note_success(one.number);
      mine.cool_down.close(one.number);
      break;
    case exchange_outcome::throttled:
      return mine.cool_down.open(one.number, newest, feedback.retry_after, chance, now);
    case exchange_outcome::failed:
      if (feedback.retry_after > std::chrono::nanoseconds{0}) mine.cool_down.open(one.number, newest, feedback.retry_after, chance, now);
      return mine.breaker.note_failure(one.who.address, one.number, newest, rules_.failures_to_break, chance, now);
    default:
      break;
  }
  return false;
}

}  // namespace gateway
