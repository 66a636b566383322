// Permits for exchanges with the upstream, shared by all workers: core/limit/upstream_limiter decides, and tasks wait here for it.
// Thread rule: any thread; the mutex is never held across a wait. Time rule: reads the clock and passes `now` to the limiter.
#pragma once

#include <functional>
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

  // Permission for one exchange. Its holder ends it with feedback; without feedback it ends as unknown with its scope.
  class permit {
  public:
    permit() = default;
    permit(permit&& other) noexcept
        : from_(std::exchange(other.from_, nullptr)), what_(std::move(other.what_)), is_probe_(other.is_probe_) {}
    permit& operator=(permit&& other) noexcept {
      std::swap(from_, other.from_);
      std::swap(what_, other.what_);
      std::swap(is_probe_, other.is_probe_);
      return *this;
    }
    ~permit() { end({}); }  // defence: permit-ends
    explicit operator bool() const { return from_ != nullptr; }
    // Whether the exchange tells if the upstream works again after failures.
    [[nodiscard]] bool is_probe() const { return is_probe_; }
    void end(const exchange_feedback& feedback) {
      if (auto* const from = std::exchange(from_, nullptr)) from->finish(what_, feedback);
    }

  private:
    friend class upstream_permits;
    permit(upstream_permits& from, permit_request_ptr what)
        : from_(&from), what_(std::move(what)), is_probe_(what_->probes_host || what_->probes_breaker) {}
    upstream_permits* from_ = nullptr;  // null: no permit, or it has ended
    permit_request_ptr what_;
    bool is_probe_ = false;
  };

  struct admitted {
    permit granted;  // empty: see `why` and `retry_in`
    shed_reason why = shed_reason::busy;
    std::chrono::nanoseconds retry_in{0};
    bool abandoned = false;  // not granted, because no client waited for it any more
  };

  // A request for a permit; it may be used for several attempts, one after the other.
  struct waiter;
  using request = std::shared_ptr<waiter>;
  // Waiting and exchanges must have ended at `until`; one exchange may take `timeout`. The task waits on the executor `where`.
  request apply(const executor& where, const requester& who, mono_time until, span timeout);
  // Another requester wants the same and can wait until `until`. The permit comes in the requester's place if that is sooner.
  void join(const request& one, const requester& who, mono_time until);
  // No client waits any more. A request that is not sent yet is dropped; else the exchange goes on and counts as detached.
  static void abandon(const request& one);
  // For a granted exchange: requesters that join extend its deadline, to twice its timeout at most.
  static exchange_deadline::extension extension_of(const request& one);
  // Whether the permit was granted.
  bool is_sent(const request& one) const;

  // Waits only as long as enough time for the exchange remains, and ends at once when waiting is hopeless.
  task<admitted> acquire(request one, fair_queue::position position);
  // Grants a permit only if one is free and no other request waits for it: for work that can be left undone. In a fleet it waits for the
  // engine's reply, which says whether one is free.
  task<admitted> try_acquire(request one);
  // Sets other bounds. If they are wider, waiting requests are granted at once.
  void set_policy(const limiter_policy& policy);
  // Other shares of named clients, also for requests that wait.
  void set_shares(const client_shares& shares);
  [[nodiscard]] std::uint64_t in_flight_of_client(std::uint64_t named) const;
  // Grants no more permits and sheds every waiting request.
  void close();

  // What an operator moves by hand. set_lever, false: there are too many; lift_lever, false: there was none.
  bool set_lever(const lever& one);
  bool lift_lever(lever::kind what, std::uint64_t account);
  void reset_circuits(std::uint64_t account);
  // Those that have ended since the last call.
  std::vector<lever> end_levers(mono_time now);
  [[nodiscard]] std::vector<lever> levers_set() const;
  [[nodiscard]] std::vector<std::uint64_t> known_accounts() const;

  // The fleet (upstream_limiter). `news`: called on any thread when an account may have something to report. Set before lanes start.
  void on_news(std::function<void()> news) { news_ = std::move(news); }
  void set_fleet(const fleet_state& fleet);
  std::vector<std::uint64_t> take_changed();
  [[nodiscard]] std::vector<std::uint64_t> sharing_accounts() const;
  std::optional<budget_report> report_of(std::uint64_t account, bool anyway);
  void take_word(std::uint64_t account, const budget_word& word);
  std::optional<std::vector<named_report>> report_circuits(bool anyway);
  void take_circuits(const std::vector<named_word>& words);
  [[nodiscard]] std::vector<circuit_figures> circuits() const;
  [[nodiscard]] upstream_limiter::changes changes_since(mono_time last, mono_time now) const;
  [[nodiscard]] upstream_limiter::busiest busiest_accounts(std::size_t most, mono_time now) const;

  // Whether enough time for the exchange remains if it cannot begin before `then`.
  bool leaves_time(const request& one, mono_time then);
  // Whether the retry budget allows another exchange: with the same permit, or with a new one if there is time.
  bool may_repeat();
  bool may_repeat(const request& one);
  [[nodiscard]] upstream_limiter::load now() const;
  [[nodiscard]] upstream_limiter::share of(std::uint64_t account) const;
  [[nodiscard]] account_figures figures_of(std::uint64_t account, mono_time now) const;

private:
  // Runs one operation of the limiter under the lock, then wakes the tasks of the list that it returns.
  template <class Action>
  void with_limiter(Action action);
  mono_time enter(const request& one, fair_queue::position position);
  mono_time look(const request& one);
  mono_time try_enter(const request& one);
  void finish(const permit_request_ptr& one, const exchange_feedback& feedback);
  admitted outcome_of(const request& one);

  std::function<void()> news_;
  mutable std::mutex mutex_;
  upstream_limiter limiter_;  // protected by mutex_, and with it every permit_request that it knows
};

}  // namespace gateway
