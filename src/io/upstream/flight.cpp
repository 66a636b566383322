#include "io/upstream/flight.hpp"

#include <cassert>
#include <utility>

namespace gateway {

task<landing_ptr> flight::wait(std::shared_ptr<flight> self, executor where, mono_time deadline, presence* here) {
  auto const me = std::make_shared<sleeper>(where);
  seats::iterator place;
  auto landed = self->register_or_get(me, place);
  if (landed) co_return landed;
  if (here != nullptr) here->on_end([self, place] { self->note_gone(place); });
  co_await me->sleep_until(deadline);
  if (here != nullptr) here->on_end(nullptr);
  co_return self->leave_or_get(place);
}

landing_ptr flight::register_or_get(const std::shared_ptr<sleeper>& one, seats::iterator& place) {
  std::lock_guard const lock{mutex_};
  if (!landed_) place = waiting_.insert(waiting_.end(), seat{one});
  return landed_;
}

// Whoever goes does not count any more, or those who come later would find the places taken.
landing_ptr flight::leave_or_get(seats::iterator place) {
  landing_ptr landed;
  {
    std::lock_guard const lock{mutex_};
    landed = landed_;
    if (!landed) {  // else all have left already
      gone_ -= place->gone ? 1 : 0;
      waiting_.erase(place);
    }
  }
  if (!landed) desert_if_empty();
  return landed;
}

void flight::note_gone(seats::iterator place) {
  {
    std::lock_guard const lock{mutex_};
    if (landed_ || std::exchange(place->gone, true)) return;
    ++gone_;
  }
  desert_if_empty();
}

// Somebody may come at this very moment: then it hears that the flight was deserted, and starts another.
void flight::desert_if_empty() const {
  if (turn && is_deserted()) upstream_turns::desert(turn);
}

bool flight::is_deserted() const {
  std::lock_guard const lock{mutex_};
  return !for_itself_ && !landed_ && waiting_.size() == gone_;
}

std::size_t flight::waiting() const {
  std::lock_guard const lock{mutex_};
  return waiting_.size() - gone_;
}

void flight::land(landing_ptr result) {
  seats woken;
  {
    std::lock_guard const lock{mutex_};
    if (landed_) return;
    landed_ = std::move(result);
    woken.swap(waiting_);
  }
  for (auto const& one : woken) one.wakes->wake();
}

pilot::~pilot() {
  if (!flight_) return;
  land(std::make_shared<landing>());
}

// The table forgets the flight before anybody wakes. A request that comes in between finds the answer in the cache, where it was
// filed before; if there is nothing to file, it starts a flight of its own.
void pilot::land(landing_ptr result) {
  auto const landing_now = std::exchange(flight_, nullptr);
  assert(landing_now && "a flight lands once");
  if (table_ != nullptr) table_->remove(*key_);
  landing_now->land(std::move(result));
}

flight_table::boarding flight_table::board(const flight_key& key, upstream_turns::request turn, bool for_itself) {
  std::lock_guard const lock{mutex_};
  auto const [place, first] = flying_.try_emplace(key);
  if (first) place->second = std::make_shared<flight>(std::move(turn), for_itself);
  boarding result{place->second, std::nullopt};
  if (first) result.lead.emplace(place->second, *this, key);
  return result;
}

flight_table::boarding flight_table::board_alone(upstream_turns::request turn) {
  boarding result{std::make_shared<flight>(std::move(turn)), std::nullopt};
  result.lead.emplace(result.joined);
  return result;
}

void flight_table::remove(const flight_key& key) {
  std::lock_guard const lock{mutex_};
  flying_.erase(key);
}

std::size_t flight_table::size() const {
  std::lock_guard const lock{mutex_};
  return flying_.size();
}

std::vector<flight_table::listed> flight_table::list(const call_sid& call) const {
  std::vector<listed> all;
  std::lock_guard const lock{mutex_};
  for (auto const& [key, one] : flying_) {
    if (key.what.call == call) all.push_back({key.what.owner, key.state, one->waiting()});
  }
  return all;
}

}  // namespace gateway
