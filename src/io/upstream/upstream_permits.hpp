// Turns to ask the upstream, over all workers: what core/limit/upstream_limiter decides, with somebody waiting for it.
// Thread rule: any thread; the mutex is never held across a wait. Time rule: reads the clock; the shield is told `now`.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

#include "core/limit/upstream_limiter.hpp"
#include "core/settings/settings.hpp"
#include "io/runtime/sleeper.hpp"
#include "io/upstream/exchange_deadline.hpp"

namespace gateway {

class upstream_permits {
public:
  upstream_permits(const limiter_policy& policy, std::uint64_t seed) : limiter_(policy, seed) {}

  // A turn; whoever has it says what came of it, or it ends as unknown with its scope.
  class permit {
  public:
    permit() = default;
    permit(permit&& other) noexcept : from_(std::exchange(other.from_, nullptr)), what_(std::move(other.what_)) {}
    permit& operator=(permit&& other) noexcept {
      std::swap(from_, other.from_);
      std::swap(what_, other.what_);
      return *this;
    }
    ~permit() { end({}); }
    explicit operator bool() const { return from_ != nullptr; }
    void end(const exchange_feedback& feedback) {
      if (auto* const from = std::exchange(from_, nullptr)) from->finish(what_, feedback);
    }

  private:
    friend class upstream_permits;
    permit(upstream_permits& from, permit_request_ptr what) : from_(&from), what_(std::move(what)) {}
    upstream_permits* from_ = nullptr;  // null: none, or it has ended
    permit_request_ptr what_;
  };

  struct admitted {
    permit granted;  // none: `why` and when to come again
    shed_reason why = shed_reason::busy;
    std::chrono::nanoseconds retry_in{0};
    bool abandoned = false;  // not granted, because nobody waited for it any more
  };

  // What wants a turn, perhaps again and again; what is in it is the shield's business.
  struct waiter;
  using request = std::shared_ptr<waiter>;
  // All of it must have ended at `until`; an exchange alone may take `timeout`. `where`: the executor that will wait.
  request apply(const executor& where, const requester& who, mono_time until, span timeout);
  // Somebody else wants the same, and can wait until `until`: its turn may come as theirs, if that is sooner.
  void join(const request& one, const requester& who, mono_time until);
  // Nobody waits for it any more. If it has not been sent, it will not be; else it goes on, and its client is granted less meanwhile.
  static void abandon(const request& one);
  // For an exchange that has been granted: those who join it lengthen its time, to twice its own at most.
  static exchange_deadline::extension extension_of(const request& one);
  // Whether it has been sent, or is being sent.
  bool is_sent(const request& one) const;

  // Ends so early that what is left of the time is enough for the exchange; or at once if there is no hope.
  task<admitted> acquire(request one, fair_queue::position position);
  // A turn only if one is free and nobody waits for it: for work that can be left undone.
  admitted try_acquire(const request& one);
  // Other bounds from now on: whoever waits may go on at once, if they are wider.
  void set_policy(const limiter_policy& policy);
  // From now on there are no turns: whoever waits is told at once.
  void close();

  // Would there be time for the exchange still if it could not begin before `then`?
  bool leaves_time(const request& one, mono_time then);
  // Whether something may be sent once more: right away, or in a turn of its own if there is time for that.
  bool may_repeat();
  bool may_repeat(const request& one);
  [[nodiscard]] upstream_limiter::load now() const;
  [[nodiscard]] upstream_limiter::share of(std::uint64_t account) const;

private:
  // Each does one thing to the shield under the lock, and then wakes those who should look.
  template <class Action>
  auto with_limiter(Action action);
  mono_time enter(const request& one, fair_queue::position position);
  mono_time look(const request& one);
  void finish(const permit_request_ptr& one, const exchange_feedback& feedback);
  admitted outcome_of(const request& one);

  mutable std::mutex mutex_;
  upstream_limiter limiter_;  // protected by mutex_, and with it every permit_request that it knows
};

}  // namespace gateway
