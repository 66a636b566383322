#include "io/upstream/slots.hpp"

#include <utility>

namespace gateway {

task<upstream_slots::place> upstream_slots::acquire(executor where, mono_time deadline) {
  auto const me = std::make_shared<waiter>();
  me->who = std::make_shared<sleeper>(where);
  if (take_or_queue(me)) co_await me->who->sleep_until(deadline);
  co_return settle(me) ? place{*this} : place{};
}

// True if it has to wait.
bool upstream_slots::take_or_queue(const std::shared_ptr<waiter>& one) {
  std::lock_guard const lock{mutex_};
  if (closed_) return false;
  if (in_flight_ < limit_) {
    ++in_flight_;
    one->granted = true;
    return false;
  }
  one->at = waiting_.insert(waiting_.end(), one);
  return one->waits = true;
}

// A grant may cross the deadline on its way: then the place is ours all the same.
bool upstream_slots::settle(const std::shared_ptr<waiter>& one) {
  std::lock_guard const lock{mutex_};
  if (std::exchange(one->waits, false)) waiting_.erase(one->at);
  return one->granted;
}

upstream_slots::place upstream_slots::try_acquire() {
  std::lock_guard const lock{mutex_};
  if (closed_ || in_flight_ >= limit_) return {};
  ++in_flight_;
  return place{*this};
}

void upstream_slots::close() {
  std::list<std::shared_ptr<waiter>> told;
  {
    std::lock_guard const lock{mutex_};
    closed_ = true;
    told.swap(waiting_);
    for (auto const& one : told) one->waits = false;
  }
  for (auto const& one : told) one->who->wake();
}

// The place goes straight to the one who waits longest: nobody who comes later can take it first.
void upstream_slots::release() {
  std::shared_ptr<waiter> next;
  {
    std::lock_guard const lock{mutex_};
    if (waiting_.empty()) {
      --in_flight_;
      return;
    }
    next = std::move(waiting_.front());
    waiting_.pop_front();
    next->waits = false;
    next->granted = true;
  }
  next->who->wake();
}

upstream_slots::load upstream_slots::now() const {
  std::lock_guard const lock{mutex_};
  load const current{in_flight_, waiting_.size(), limit_};
  return current;
}

}  // namespace gateway
