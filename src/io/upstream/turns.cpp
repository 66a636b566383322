#include "io/upstream/turns.hpp"

#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// Woken by the decision about it: there is nothing to look for.
constexpr mono_time decided = mono_time::min();

}  // namespace

struct upstream_turns::waiter : turn_request {
  waiter(upstream_turns& whose, const requester& who, mono_time must_end, span exchange, const executor& where)
      : turn_request(who, must_end, exchange), of(whose), sleeps(std::make_shared<sleeper>(where)) {}
  upstream_turns& of;
  std::atomic<mono_time::rep> longer{mono_time::min().time_since_epoch().count()};  // the exchange's deadline, as those who joined have it
  std::shared_ptr<sleeper> sleeps;
};

template <class Action>
auto upstream_turns::with_shield(Action action) {
  std::vector<turn_ptr> told;
  auto const result = [&] {
    std::lock_guard const lock{mutex_};
    auto made = action(mono_now());
    told = shield_.take_told();
    return made;
  }();
  for (auto const& one : told) static_cast<waiter&>(*one).sleeps->wake();
  return result;
}

upstream_turns::request upstream_turns::apply(const executor& where, const requester& who, mono_time until, span timeout) {
  return std::make_shared<waiter>(*this, who, until, timeout, where);
}

void upstream_turns::join(const request& one, const requester& who, mono_time until) {
  with_shield([&](mono_time now) {
    shield_.join(one, who, until, now);
    if (one->is == turn_request::state::granted) {
      auto const longest = std::min(one->until, one->granted_at + 2 * one->timeout);
      one->longer.store(longest.time_since_epoch().count(), std::memory_order_relaxed);
    }
    return true;
  });
}

exchange_deadline::extension upstream_turns::extension_of(const request& one) { return {one, &one->longer}; }

void upstream_turns::desert(const request& one) {
  auto& of = one->of;
  of.with_shield([&](mono_time now) {
    of.shield_.desert(one, now);
    return true;
  });
}

bool upstream_turns::is_sent(const request& one) const {
  std::lock_guard const lock{mutex_};
  return one->is == turn_request::state::granted;
}

task<upstream_turns::admitted> upstream_turns::acquire(request me, fair_queue::position position) {
  for (auto until = enter(me, position); until != decided; until = look(me)) co_await me->sleeps->sleep_until(until);
  co_return outcome_of(me);
}

// Under the lock: others may join or leave at this moment.
upstream_turns::admitted upstream_turns::outcome_of(const request& one) {
  admitted result;
  std::lock_guard const lock{mutex_};
  if (one->is == turn_request::state::granted) result.granted = turn{*this, one};
  result.why = one->why;
  result.retry_in = one->retry_in;
  result.deserted = one->deserted;
  return result;
}

// When to look again, or `decided`.
mono_time upstream_turns::enter(const request& one, fair_queue::position position) {
  return with_shield([&](mono_time now) {
    shield_.enter(one, position, now);
    return one->is == turn_request::state::waiting ? shield_.look_again(*one, now) : decided;
  });
}

// Its time is up, a gate may have opened, or it was woken. A grant may cross the deadline on its way: then the turn is its own all the
// same.
mono_time upstream_turns::look(const request& one) {
  return with_shield([&](mono_time now) {
    shield_.look(one, now);
    return one->is == turn_request::state::waiting ? shield_.look_again(*one, now) : decided;
  });
}

upstream_turns::admitted upstream_turns::try_acquire(const request& me) {
  with_shield([&](mono_time now) { return shield_.try_enter(me, now); });
  return outcome_of(me);
}

void upstream_turns::finish(const turn_ptr& one, const exchange_news& news) {
  with_shield([&](mono_time now) {
    shield_.finish(one, news, now);
    return true;
  });
}

void upstream_turns::set_policy(const shield_policy& policy) {
  with_shield([&](mono_time now) {
    shield_.set_policy(policy, now);
    return true;
  });
}

void upstream_turns::close() {
  with_shield([&](mono_time now) {
    shield_.close(now);
    return true;
  });
}

bool upstream_turns::leaves_time(const request& one, mono_time then) {
  std::lock_guard const lock{mutex_};
  return shield_.leaves_time(*one, then);
}

bool upstream_turns::may_repeat() {
  std::lock_guard const lock{mutex_};
  return shield_.may_repeat();
}

bool upstream_turns::may_repeat(const request& one) {
  std::lock_guard const lock{mutex_};
  return shield_.may_repeat(*one, mono_now());
}

upstream_shield::load upstream_turns::now() const {
  std::lock_guard const lock{mutex_};
  return shield_.now();
}

upstream_shield::share upstream_turns::of(std::uint64_t account) const {
  std::lock_guard const lock{mutex_};
  return shield_.of(account);
}

}  // namespace gateway
