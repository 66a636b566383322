#include "core/limit/unproved_lines.hpp"

#include <cassert>

namespace gateway {
namespace {

using passage = recovery_gate::passage;

}  // namespace

const unproved_lines::standing* unproved_lines::known(std::uint64_t address) const {
  auto const found = standings_.find(address);
  return found == standings_.end() ? nullptr : &found->second;
}

unproved_lines::standing& unproved_lines::standing_of(std::uint64_t address) {
  auto const [place, is_new] = standings_.try_emplace(address, rules_);
  auto& mine = place->second;
  if (is_new) {
    mine.by_use = by_use_.insert(by_use_.end(), address);
  } else {
    by_use_.splice(by_use_.end(), by_use_, mine.by_use);
  }
  // Those with exchanges under way are few, and stay; the newest is never the one that goes.
  for (auto oldest = by_use_.begin(); standings_.size() > max_known && *oldest != address;) {
    auto const found = standings_.find(*oldest);
    if (found->second.in_flight > 0) {
      by_use_.splice(by_use_.end(), by_use_, std::exchange(oldest, std::next(oldest)));
      continue;
    }
    standings_.erase(found);
    oldest = by_use_.erase(oldest);
  }
  return mine;
}

bool unproved_lines::line_may(std::uint64_t address, mono_time now) const {
  auto const* const mine = known(address);
  if (mine == nullptr) return true;
  return mine->in_flight < std::min(mine->width, rules_.max_in_flight) && mine->cool_down.look(now) != passage::none &&
         mine->breaker.look(address, now) != passage::none;
}

// As for an account: a breaker is for failing fast, a cool-down is waited for.
std::optional<shed_reason> unproved_lines::hopeless(const turn_request& one, mono_time now) const {
  auto const* const mine = known(one.who.address);
  if (mine == nullptr) return std::nullopt;
  if (mine->breaker.look(one.who.address, now) == passage::none) return shed_reason::failing;
  if (mine->cool_down.is_troubled() && mine->cool_down.opens_at() > one.latest) return shed_reason::cooling_down;
  return std::nullopt;
}

mono_time unproved_lines::opens_at(const turn_request& one, shed_reason why) const {
  auto const* const mine = known(one.who.address);
  if (mine == nullptr) return {};
  return why == shed_reason::failing ? mine->breaker.opens_at() : mine->cool_down.opens_at();
}

mono_time unproved_lines::look_again(const turn_request& one, mono_time now) const {
  auto const* const mine = known(one.who.address);
  bool const waits = mine != nullptr && mine->cool_down.is_troubled() && now < mine->cool_down.opens_at();
  return waits ? mine->cool_down.opens_at() : mono_time::max();
}

std::uint64_t unproved_lines::broken() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(standings_, [](const auto& one) { return one.second.breaker.is_open(); }));
}

std::chrono::nanoseconds unproved_lines::expected_wait() const {
  auto const between = pace_.between();
  if (between) return *between * static_cast<std::int64_t>(waiting_ + 1);
  return service_.mean() * static_cast<std::int64_t>(waiting_ / rules_.max_in_flight + 1);
}

void unproved_lines::push(const turn_ptr& one) {
  auto const [known, is_new] = by_id_.try_emplace(one->who.network);
  if (is_new) known->second = networks_.emplace(networks_.end(), one->who.network);
  known->second->lines.push(one, fair_queue::position::last);
  ++waiting_;
}

bool unproved_lines::remove(turn_request& one) {
  auto const whose = by_id_.find(one.who.network);
  if (whose == by_id_.end() || !whose->second->lines.remove(one)) return false;
  left(whose->second);
  return true;
}

void unproved_lines::left(std::list<network>::iterator from) {
  if (--waiting_ == 0) pace_.forget();
  if (from->lines.size() > 0) return;
  by_id_.erase(from->id);
  networks_.erase(from);
}

std::vector<turn_ptr> unproved_lines::all() const {
  std::vector<turn_ptr> everyone;
  for (auto const& one : networks_) {
    for (auto const& entry : one.lines.all()) everyone.push_back(std::static_pointer_cast<turn_request>(entry));
  }
  return everyone;
}

std::vector<turn_ptr> unproved_lines::take_all_with(std::uint64_t credential) {
  auto those = all();
  std::erase_if(those, [&](const turn_ptr& one) { return one->who.credential != credential; });
  for (auto const& one : those) remove(*one);
  return those;
}

turn_ptr unproved_lines::one_too_many() const {
  if (waiting_ <= rules_.max_queued) return nullptr;
  auto const most = std::ranges::max_element(networks_, {}, [](const network& one) { return one.lines.size(); });
  return std::static_pointer_cast<turn_request>(most->lines.last_of_longest());
}

bool unproved_lines::may_send(const turn_request& one, mono_time now) const {
  return in_flight_ < rules_.max_in_flight && waiting_ == 0 && line_may(one.who.address, now) && credential_may(one);
}

void unproved_lines::send(turn_request& one, mono_time now) {
  auto& mine = standing_of(one.who.address);
  ++mine.in_flight;
  ++in_flight_;
  if (!one.who.proved) under_way_.insert(one.who.credential);
  one.probes_breaker = mine.breaker.send(one.who.address, now);
  one.probes_cool_down = mine.cool_down.look(now) == passage::probe;
  if (one.probes_cool_down) mine.cool_down.begin_probe();
}

bool unproved_lines::finish(turn_request& one, const exchange_news& news, std::uint64_t newest, double chance, mono_time now) {
  auto& mine = standing_of(one.who.address);
  assert(mine.in_flight > 0 && "what is under way is not forgotten");
  --mine.in_flight;
  --in_flight_;
  if (!one.who.proved) under_way_.erase(one.who.credential);
  if (one.probes_breaker) mine.breaker.end_probe();
  if (one.probes_cool_down) mine.cool_down.end_probe();
  using credential = exchange_news::credential;
  if (news.who == credential::accepted) mine.width = std::min(mine.width * 2, std::max<std::uint64_t>(rules_.max_in_flight, 2));
  if (news.who == credential::refused) mine.width = std::max<std::uint64_t>(mine.width / 2, 1);
  switch (news.is) {
    case exchange_outcome::accepted:
      service_.observe(now - one.granted_at);
      mine.breaker.note_success(one.number);
      mine.cool_down.open(one.number);
      break;
    case exchange_outcome::throttled:
      return mine.cool_down.shut(one.number, newest, news.retry_after, chance, now);
    case exchange_outcome::failed:
      return mine.breaker.note_failure(one.who.address, one.number, newest, rules_.failures_to_break, chance, now);
    default:
      break;
  }
  return false;
}

}  // namespace gateway
