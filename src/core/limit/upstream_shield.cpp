#include "core/limit/upstream_shield.hpp"

#include <algorithm>
#include <utility>

namespace gateway {
namespace {

using state = turn_request::state;

// More accounts than anybody has; strangers may invent any number of them.
constexpr std::size_t max_accounts = 1024;
// Whoever finds no place among those shares one.
constexpr std::uint64_t everybody_else = 0;

}  // namespace

upstream_shield::place& upstream_shield::place_of(turn_request& one) {
  auto& account = one.account;
  auto const known = places_.find(account);
  if (known != places_.end()) return *known->second;
  if (places_.size() >= max_accounts && !forget_an_idle_one()) account = everybody_else;
  auto& made = places_[account];
  if (!made) made = std::make_unique<place>(rules());
  return *made;
}

void upstream_shield::set_policy(const shield_policy& policy, mono_time now) {
  policy_ = policy;
  for (auto const& one : places_) one.second->account.set_policy(rules());
  grant(now);
}

bool upstream_shield::forget_an_idle_one() {
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

void upstream_shield::enter(const turn_ptr& one, fair_queue::position where, mono_time now) {
  auto& mine = place_of(*one);
  one->is = state::waiting;
  set_latest(*one);
  if (auto const why = closed_ ? shed_reason::busy : mine.account.hopeless(one->latest, now)) {
    shed(mine, one, *why, now);
  } else {
    queue(mine, one, where);
    grant(now);
    if (one->is == state::waiting && where == fair_queue::position::last) judge_wait(mine, one, now);
    if (one->is == state::waiting) bound_queue(mine, one, now);
  }
  std::erase(told_, one);  // it is told by its own state
}

bool upstream_shield::try_enter(const turn_ptr& one, mono_time now) {
  auto& mine = place_of(*one);
  if (closed_ || in_flight_ >= policy_.max_in_flight || mine.account.queue.size() > 0 || !mine.account.may_send(now)) return false;
  send(mine, *one, now);
  return true;
}

void upstream_shield::look(const turn_ptr& one, mono_time now) {
  grant(now);
  if (one->is != state::waiting) return;
  set_latest(*one);
  if (now >= one->latest) shed(place_of(*one), one, shed_reason::busy, now);
}

bool upstream_shield::may_repeat(turn_request& again, mono_time now) {
  set_latest(again);
  return now < again.latest && !place_of(again).account.hopeless(again.latest, now) && may_repeat();
}

void upstream_shield::finish(const turn_ptr& one, const exchange_news& news, mono_time now) {
  auto& mine = place_of(*one);
  --in_flight_;
  if (news.is == exchange_outcome::accepted) service_.observe(now - one->granted_at);
  auto const begun = mine.account.finish(*one, news, newest_, chance(), now);
  totals_.cool_downs += begun.cooled_down ? 1 : 0;
  totals_.breaks += begun.broken ? 1 : 0;
  if (begun.cooled_down || begun.broken) tell_of_trouble(mine, now);
  grant(now);
}

void upstream_shield::close(mono_time now) {
  closed_ = true;
  while (!waiting_.empty()) {
    auto& where = *waiting_.front();
    for (auto const& one : where.account.queue.all()) shed(where, std::static_pointer_cast<turn_request>(one), shed_reason::busy, now);
  }
}

void upstream_shield::send(place& where, turn_request& one, mono_time now) {
  ++in_flight_;
  retries_.note_request();
  where.account.send(one, ++newest_, now);
}

void upstream_shield::queue(place& where, const turn_ptr& one, fair_queue::position at) {
  where.account.queue.push(one, at);
  ++queued_;
  if (!std::exchange(where.waits, true)) where.in_line = waiting_.insert(waiting_.end(), &where);
}

// The account leaves the round when nobody of it waits.
void upstream_shield::settle(place& where) {
  if (where.account.queue.size() > 0 || !std::exchange(where.waits, false)) return;
  waiting_.erase(where.in_line);
  where.account.pace.forget();
}

// One of each account that may, and again, until nobody may.
void upstream_shield::grant(mono_time now) {
  for (auto turn = waiting_.begin(); turn != waiting_.end() && in_flight_ < policy_.max_in_flight;) {
    auto& where = **turn;
    auto const here = turn++;
    if (!where.account.may_send(now)) continue;
    auto const one = std::static_pointer_cast<turn_request>(where.account.queue.pop());
    --queued_;
    send(where, *one, now);
    where.account.pace.granted(now);
    told_.push_back(one);
    if (where.account.queue.size() == 0) {
      settle(where);
      continue;
    }
    waiting_.splice(waiting_.end(), waiting_, here);
    if (turn == waiting_.end()) turn = here;
  }
}

// As turns come now, the last of its client's would come too late: better said at once than when its time is up.
void upstream_shield::judge_wait(place& where, const turn_ptr& newest, mono_time now) {
  auto const wait = where.account.expected_wait(newest->client());
  if (wait && now + *wait > newest->latest) shed(where, newest, shed_reason::busy, now);
}

// Too many: of the client that has the most waiting the last one goes, and that is the one who came now unless another has more.
void upstream_shield::bound_queue(place& where, const turn_ptr& newest, mono_time now) {
  if (queued_ <= policy_.max_queued) return;
  auto const most = *std::ranges::max_element(waiting_, {}, [](const place* one) { return one->account.queue.longest(); });
  bool const is_theirs = where.account.queue.size_of(newest->client()) < most->account.queue.longest();
  auto const longest = std::static_pointer_cast<turn_request>(most->account.queue.last_of_longest());
  shed(is_theirs ? *most : where, is_theirs ? longest : newest, shed_reason::queue_full, now);
}

void upstream_shield::shed(place& where, const turn_ptr& one, shed_reason why, mono_time now) {
  if (where.account.queue.remove(*one)) --queued_;
  settle(where);
  one->is = state::shed;
  one->why = why;
  one->retry_in = retry_in(where, one->client(), why, now);
  ++totals_.sheds[static_cast<std::size_t>(why)];
  told_.push_back(one);
}

// Who cannot wait for its end is shed; the others have to look at another time than they thought.
void upstream_shield::tell_of_trouble(place& where, mono_time now) {
  for (auto const& one : where.account.queue.all()) {
    auto const turn = std::static_pointer_cast<turn_request>(one);
    if (auto const why = where.account.hopeless(turn->latest, now)) {
      shed(where, turn, *why, now);
    } else {
      told_.push_back(turn);
    }
  }
}

// Honest as far as we can tell: when the gate opens, or when those of the same client who wait now will have had their turns.
std::chrono::nanoseconds upstream_shield::retry_in(const place& where, std::uint64_t client, shed_reason why, mono_time now) const {
  if (why == shed_reason::cooling_down || why == shed_reason::failing) return where.account.opens_at(why) - now;
  if (auto const wait = where.account.expected_wait(client)) return *wait;
  auto const rounds = where.account.queue.size() / std::max<std::uint64_t>(where.account.limit(), 1) + 1;
  return service_.mean() * static_cast<std::int64_t>(rounds);
}

mono_time upstream_shield::look_again(const turn_request& one, mono_time now) const {
  auto const known = places_.find(one.account);
  return known == places_.end() ? one.latest : std::min(one.latest, known->second->account.look_again(now));
}

upstream_shield::load upstream_shield::now() const {
  auto all = totals_;
  all.in_flight = in_flight_;
  all.waiting = queued_;
  all.limit = policy_.max_in_flight;
  for (auto const& [key, one] : places_) {
    all.limit = std::min(all.limit, one->account.limit());
    all.cooling_down += one->account.is_cooling_down() ? 1 : 0;
    all.broken += one->account.is_broken() ? 1 : 0;
  }
  return all;
}

upstream_shield::share upstream_shield::of(std::uint64_t account) const {
  auto const known = places_.find(account);
  if (known == places_.end()) return {policy_.max_in_flight, 0};
  return {std::min(known->second->account.limit(), policy_.max_in_flight), known->second->account.in_flight()};
}

}  // namespace gateway
