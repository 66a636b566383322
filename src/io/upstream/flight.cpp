#include "io/upstream/flight.hpp"

#include <cassert>
#include <utility>

namespace gateway {

task<fetch_result_ptr> flight::wait(std::shared_ptr<flight> self, executor where, mono_time deadline, presence* here) {
  auto const me = std::make_shared<sleeper>(where);
  waiters::iterator place;
  auto completed = self->register_or_get(me, place);
  if (completed) co_return completed;
  if (here != nullptr) here->on_end([self, place] { self->note_gone(place); });
  co_await me->sleep_until(deadline);
  if (here != nullptr) here->on_end(nullptr);
  co_return self->leave_or_get(place);
}

fetch_result_ptr flight::register_or_get(const std::shared_ptr<sleeper>& one, waiters::iterator& place) {
  std::lock_guard const lock{mutex_};
  if (!result_) place = waiting_.insert(waiting_.end(), waiter{one});
  return result_;
}

// A request that leaves no longer counts as waiting, so that it does not occupy a place.
fetch_result_ptr flight::leave_or_get(waiters::iterator place) {
  fetch_result_ptr completed;
  {
    std::lock_guard const lock{mutex_};
    completed = result_;
    if (!completed) {  // else all have left already
      gone_ -= place->gone ? 1 : 0;
      waiting_.erase(place);  // defence: deadline-leaves
    }
  }
  if (!completed) abandon_if_empty();
  return completed;
}

void flight::note_gone(waiters::iterator place) {
  {
    std::lock_guard const lock{mutex_};
    if (result_ || std::exchange(place->gone, true)) return;
    ++gone_;  // defence: gone-leaves
  }
  abandon_if_empty();
}

// A request may join at this moment: it then sees an abandoned flight, and starts another one.
void flight::abandon_if_empty() const {
  if (permit && is_abandoned()) upstream_permits::abandon(permit);  // defence: last-leaves
}

bool flight::is_abandoned() const {
  std::lock_guard const lock{mutex_};
  return !for_itself_ && !result_ && waiting_.size() == gone_;
}

std::size_t flight::waiting() const {
  std::lock_guard const lock{mutex_};
  return waiting_.size() - gone_;
}

void flight::complete(fetch_result_ptr result) {
  waiters woken;
  {
    std::lock_guard const lock{mutex_};
    if (result_) return;
    result_ = std::move(result);
    woken.swap(waiting_);
  }
  for (auto const& one : woken) one.wakes->wake();  // defence: waiters-woken
}

flight_leader::~flight_leader() {
  if (flight_) complete(std::make_shared<const fetch_result>());  // defence: leader-dropped
}

// The table forgets the flight before any request wakes. A request that comes in between finds the answer in the cache, where it was
// stored before; if there is nothing to store, it starts a flight of its own.
void flight_leader::complete(fetch_result_ptr result) {
  auto const completed = std::exchange(flight_, nullptr);
  assert(completed && "a flight is completed once");
  if (table_ != nullptr) table_->remove(*key_);  // defence: flight-key-free
  completed->complete(std::move(result));
}

flight_table::join_result flight_table::join(const flight_key& key, upstream_permits::request permit, bool for_itself) {
  std::lock_guard const lock{mutex_};
  auto const [place, first] = flights_.try_emplace(key);
  if (first) place->second = std::make_shared<flight>(std::move(permit), for_itself);
  join_result result{place->second, std::nullopt};
  if (first) result.lead.emplace(place->second, *this, key);
  return result;
}

flight_table::join_result flight_table::lead_alone(upstream_permits::request permit) {
  join_result result{std::make_shared<flight>(std::move(permit)), std::nullopt};
  result.lead.emplace(result.joined);
  return result;
}

void flight_table::remove(const flight_key& key) {
  std::lock_guard const lock{mutex_};
  flights_.erase(key);
}

std::size_t flight_table::size() const {
  std::lock_guard const lock{mutex_};
  return flights_.size();
}

std::vector<flight_table::listed> flight_table::list(const call_sid& call) const {
  std::vector<listed> all;
  std::lock_guard const lock{mutex_};
  for (auto const& [key, one] : flights_) {
    if (same_call(key.what.call, call)) all.push_back({key.what.owner, key.state, one->waiting()});
  }
  return all;
}

}  // namespace gateway
