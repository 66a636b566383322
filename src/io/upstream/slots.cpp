#include "io/upstream/slots.hpp"

namespace gateway {

task<upstream_slots::place> upstream_slots::acquire(executor where, mono_time deadline) {
  auto const me = std::make_shared<waiter>();
  me->who = std::make_shared<sleeper>(where);
  bool granted = try_acquire(me);
  if (!granted) {
    co_await me->who->sleep_until(deadline);
    granted = settle(me);
  }
  co_return granted ? place{*this} : place{};
}

bool upstream_slots::try_acquire(const std::shared_ptr<waiter>& otherwise_wait) {
  std::lock_guard const lock{mutex_};
  if (in_flight_ < limit_) {
    ++in_flight_;
    return true;
  }
  waiting_.push_back(otherwise_wait);
  return false;
}

// A grant may cross the deadline on its way: then the place is ours all the same.
bool upstream_slots::settle(const std::shared_ptr<waiter>& one) {
  std::lock_guard const lock{mutex_};
  if (!one->granted) std::erase(waiting_, one);
  return one->granted;
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
