#include "io/upstream/upstream_permits.hpp"

#include "io/runtime/clock.hpp"

namespace gateway {
namespace {

// The limiter has decided: the task has nothing to wait for.
constexpr mono_time decided = mono_time::min();

}  // namespace

struct upstream_permits::waiter : permit_request {
  waiter(upstream_permits& whose, const requester& who, mono_time must_end, span exchange, const executor& where)
      : permit_request(who, must_end, exchange), of(whose), sleeps(std::make_shared<sleeper>(where)) {}
  void wake() override { sleeps->wake(); }

  upstream_permits& of;
  std::atomic<mono_time::rep> longer{mono_time::min().time_since_epoch().count()};  // the exchange's deadline after others have joined
  std::shared_ptr<sleeper> sleeps;
};

template <class Action>
void upstream_permits::with_limiter(Action action) {
  bool has_news = false;
  auto const woken = [&] {
    std::lock_guard const lock{mutex_};
    auto all = action(mono_now());
    has_news = limiter_.has_news();
    return all;
  }();
  for (auto const& each : woken) each->wake();
  if (has_news && news_) news_();
}

upstream_permits::request upstream_permits::apply(const executor& where, const requester& who, mono_time until, span timeout) {
  return std::make_shared<waiter>(*this, who, until, timeout, where);
}

void upstream_permits::join(const request& one, const requester& who, mono_time until) {
  with_limiter([&](mono_time now) {
    auto woken = limiter_.join(one, who, until, now);
    if (one->is == permit_request::state::granted) {
      auto const longest = std::min(one->until, one->granted_at + 2 * one->timeout);     // defence: lengthened-once
      one->longer.store(longest.time_since_epoch().count(), std::memory_order_relaxed);  // defence: joined-lengthens
    }
    return woken;
  });
}

exchange_deadline::extension upstream_permits::extension_of(const request& one) { return {one, &one->longer}; }

void upstream_permits::abandon(const request& one) {
  auto& of = one->of;
  of.with_limiter([&](mono_time now) { return of.limiter_.abandon(one, now); });
}

bool upstream_permits::is_sent(const request& one) const {
  std::lock_guard const lock{mutex_};
  return one->is == permit_request::state::granted;
}

task<upstream_permits::admitted> upstream_permits::acquire(request me, fair_queue::position position) {
  for (auto until = enter(me, position); until != decided; until = look(me)) co_await me->sleeps->sleep_until(until);
  co_return outcome_of(me);
}

// It takes the lock, because others may join or leave at this moment.
upstream_permits::admitted upstream_permits::outcome_of(const request& one) {
  admitted result;
  std::lock_guard const lock{mutex_};
  if (one->is == permit_request::state::granted) result.granted = permit{*this, one};
  result.why = one->why;
  result.retry_in = one->retry_in;
  result.abandoned = one->abandoned;
  return result;
}

// Returns when to look again, or `decided`.
mono_time upstream_permits::enter(const request& one, fair_queue::position position) {
  auto next = decided;
  with_limiter([&](mono_time now) {
    auto woken = limiter_.enter(one, position, now);
    if (one->is == permit_request::state::waiting) next = limiter_.recheck_at(*one, now);
    return woken;
  });
  return next;
}

// The task was woken, its time is up, or a circuit may be half-open. A permit that was granted just before the deadline is valid.
mono_time upstream_permits::look(const request& one) {
  auto next = decided;
  with_limiter([&](mono_time now) {
    auto woken = limiter_.recheck(one, now);
    if (one->is == permit_request::state::waiting) next = limiter_.recheck_at(*one, now);
    return woken;
  });
  return next;
}

task<upstream_permits::admitted> upstream_permits::try_acquire(request me) {
  for (auto until = try_enter(me); until != decided; until = look(me)) co_await me->sleeps->sleep_until(until);
  co_return outcome_of(me);
}

mono_time upstream_permits::try_enter(const request& one) {
  auto next = decided;
  with_limiter([&](mono_time now) {
    limiter_.try_enter(one, now);
    if (one->can_be_left_undone) next = limiter_.recheck_at(*one, now);
    return wake_list{};
  });
  return next;
}

void upstream_permits::finish(const permit_request_ptr& one, const exchange_feedback& feedback) {
  with_limiter([&](mono_time now) { return limiter_.finish(one, feedback, now); });
}

void upstream_permits::set_policy(const limiter_policy& policy) {
  with_limiter([&](mono_time now) { return limiter_.set_policy(policy, now); });
}

void upstream_permits::set_shares(const client_shares& shares) {
  with_limiter([&](mono_time now) { return limiter_.set_shares(shares, now); });
}

void upstream_permits::close() {
  with_limiter([&](mono_time now) { return limiter_.close(now); });
}

bool upstream_permits::set_lever(const lever& one) {
  bool taken = false;
  with_limiter([&](mono_time now) {
    auto woken = limiter_.set_lever(one, now);
    taken = woken.has_value();
    return std::move(woken).value_or(wake_list{});
  });
  return taken;
}

bool upstream_permits::lift_lever(lever::kind what, std::uint64_t account) {
  bool lifted = false;
  with_limiter([&](mono_time now) {
    auto woken = limiter_.lift_lever(what, account, now);
    lifted = woken.has_value();
    return std::move(woken).value_or(wake_list{});
  });
  return lifted;
}

void upstream_permits::reset_circuits(std::uint64_t account) {
  with_limiter([&](mono_time now) { return limiter_.reset_circuits(account, now); });
}

std::vector<lever> upstream_permits::end_levers(mono_time now) {
  std::vector<lever> ended;
  with_limiter([&](mono_time) {
    auto made = limiter_.end_levers(now);
    ended = std::move(made.ended);
    return std::move(made.woken);
  });
  return ended;
}

void upstream_permits::set_fleet(const fleet_state& fleet) {
  with_limiter([&](mono_time now) { return limiter_.set_fleet(fleet, now); });
}

std::vector<std::uint64_t> upstream_permits::take_changed() {
  std::lock_guard const lock{mutex_};
  return limiter_.take_changed();
}

std::optional<budget_report> upstream_permits::report_of(std::uint64_t account, bool anyway) {
  std::lock_guard const lock{mutex_};
  return limiter_.report_of(account, anyway, mono_now());
}

void upstream_permits::take_word(std::uint64_t account, const budget_word& word) {
  with_limiter([&](mono_time now) { return limiter_.take_word(account, word, now); });
}

std::optional<std::vector<named_report>> upstream_permits::report_circuits(bool anyway) {
  std::lock_guard const lock{mutex_};
  return limiter_.report_circuits(anyway, mono_now());
}

void upstream_permits::take_circuits(const std::vector<named_word>& words) {
  with_limiter([&](mono_time now) { return limiter_.take_circuits(words, now); });
}

bool upstream_permits::leaves_time(const request& one, mono_time then) {
  std::lock_guard const lock{mutex_};
  return limiter_.leaves_time(*one, then);
}

bool upstream_permits::may_repeat() {
  std::lock_guard const lock{mutex_};
  return limiter_.may_repeat(mono_now());
}

bool upstream_permits::may_repeat(const request& one) {
  std::lock_guard const lock{mutex_};
  return limiter_.may_repeat(*one, mono_now());
}

}  // namespace gateway
