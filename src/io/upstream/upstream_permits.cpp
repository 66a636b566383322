#include "io/upstream/upstream_permits.hpp"

#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// Woken by the decision about it: there is nothing to look for.
constexpr mono_time decided = mono_time::min();

}  // namespace

struct upstream_permits::waiter : permit_request {
  waiter(upstream_permits& whose, const requester& who, mono_time must_end, span exchange, const executor& where)
      : permit_request(who, must_end, exchange), of(whose), sleeps(std::make_shared<sleeper>(where)) {}
  upstream_permits& of;
  std::atomic<mono_time::rep> longer{mono_time::min().time_since_epoch().count()};  // the exchange's deadline, as those who joined have it
  std::shared_ptr<sleeper> sleeps;
};

template <class Action>
auto upstream_permits::with_limiter(Action action) {
  std::vector<permit_request_ptr> told;
  auto const result = [&] {
    std::lock_guard const lock{mutex_};
    auto made = action(mono_now());
    told = limiter_.take_woken();
    return made;
  }();
  for (auto const& one : told) static_cast<waiter&>(*one).sleeps->wake();
  return result;
}

upstream_permits::request upstream_permits::apply(const executor& where, const requester& who, mono_time until, span timeout) {
  return std::make_shared<waiter>(*this, who, until, timeout, where);
}

void upstream_permits::join(const request& one, const requester& who, mono_time until) {
  with_limiter([&](mono_time now) {
    limiter_.join(one, who, until, now);
    if (one->is == permit_request::state::granted) {
      auto const longest = std::min(one->until, one->granted_at + 2 * one->timeout);
      one->longer.store(longest.time_since_epoch().count(), std::memory_order_relaxed);
    }
    return true;
  });
}

exchange_deadline::extension upstream_permits::extension_of(const request& one) { return {one, &one->longer}; }

void upstream_permits::abandon(const request& one) {
  auto& of = one->of;
  of.with_limiter([&](mono_time now) {
    of.limiter_.abandon(one, now);
    return true;
  });
}

bool upstream_permits::is_sent(const request& one) const {
  std::lock_guard const lock{mutex_};
  return one->is == permit_request::state::granted;
}

task<upstream_permits::admitted> upstream_permits::acquire(request me, fair_queue::position position) {
  for (auto until = enter(me, position); until != decided; until = look(me)) co_await me->sleeps->sleep_until(until);
  co_return outcome_of(me);
}

// Under the lock: others may join or leave at this moment.
upstream_permits::admitted upstream_permits::outcome_of(const request& one) {
  admitted result;
  std::lock_guard const lock{mutex_};
  if (one->is == permit_request::state::granted) result.granted = permit{*this, one};
  result.why = one->why;
  result.retry_in = one->retry_in;
  result.abandoned = one->abandoned;
  return result;
}

// When to look again, or `decided`.
mono_time upstream_permits::enter(const request& one, fair_queue::position position) {
  return with_limiter([&](mono_time now) {
    limiter_.enter(one, position, now);
    return one->is == permit_request::state::waiting ? limiter_.look_again(*one, now) : decided;
  });
}

// Its time is up, a gate may have opened, or it was woken. A grant may cross the deadline on its way: then the turn is its own all the
// same.
mono_time upstream_permits::look(const request& one) {
  return with_limiter([&](mono_time now) {
    limiter_.look(one, now);
    return one->is == permit_request::state::waiting ? limiter_.look_again(*one, now) : decided;
  });
}

upstream_permits::admitted upstream_permits::try_acquire(const request& me) {
  with_limiter([&](mono_time now) { return limiter_.try_enter(me, now); });
  return outcome_of(me);
}

void upstream_permits::finish(const permit_request_ptr& one, const exchange_feedback& feedback) {
  with_limiter([&](mono_time now) {
    limiter_.finish(one, feedback, now);
    return true;
  });
}

void upstream_permits::set_policy(const limiter_policy& policy) {
  with_limiter([&](mono_time now) {
    limiter_.set_policy(policy, now);
    return true;
  });
}

void upstream_permits::close() {
  with_limiter([&](mono_time now) {
    limiter_.close(now);
    return true;
  });
}

bool upstream_permits::leaves_time(const request& one, mono_time then) {
  std::lock_guard const lock{mutex_};
  return limiter_.leaves_time(*one, then);
}

bool upstream_permits::may_repeat() {
  std::lock_guard const lock{mutex_};
  return limiter_.may_repeat();
}

bool upstream_permits::may_repeat(const request& one) {
  std::lock_guard const lock{mutex_};
  return limiter_.may_repeat(*one, mono_now());
}

upstream_limiter::load upstream_permits::now() const {
  std::lock_guard const lock{mutex_};
  return limiter_.now();
}

upstream_limiter::share upstream_permits::of(std::uint64_t account) const {
  std::lock_guard const lock{mutex_};
  return limiter_.of(account);
}

}  // namespace gateway
