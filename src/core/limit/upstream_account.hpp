// One account's share of the upstream: how many exchanges it may have under way, whether it is cooling down after a 429, and for each
// kind of resource a queue, a circuit breaker and an estimate of how long an exchange takes: a summary never pays for an export.
// Thread rule: none of its own; whoever shares it locks around it. Time rule: `now` is an argument; so is chance.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/limit/circuit_breaker.hpp"
#include "core/limit/concurrency_limit.hpp"
#include "core/limit/permit_rate.hpp"
#include "core/limit/permit_request.hpp"
#include "core/limit/service_time.hpp"

namespace gateway {

// How many of `places` other resources than summaries may have: at least one place is never theirs, where there are two.
constexpr std::uint64_t passthrough_share(std::uint64_t places) { return places > 1 ? places - 1 : places; }

class upstream_account {
public:
  struct policy {
    std::uint64_t max_in_flight;
    backoff_policy cool_down;  // after a 429 without Retry-After
    backoff_policy breaker;
    unsigned failures_to_break;  // in a row
    // Exchanges of one client that may go on though nobody waits for them; with more it gets no turn.
    std::uint64_t max_detached_per_client;
  };
  explicit upstream_account(const policy& rules);
  void set_policy(const policy& rules);

  // Whether one more of the kind may be sent now, as far as it is the account's to say.
  [[nodiscard]] bool may_send(resource what, mono_time now) const;
  // Takes the next of those who wait and may be sent; null if there is none. Summaries and the rest take turns.
  struct openings {
    bool passthrough;  // there is room for other resources than summaries
    bool detached;     // there is room for clients with detached exchanges
  };
  permit_request_ptr take_next(const openings& room, mono_time now);
  // Why there is no hope for `one`, which can wait until its latest moment; nothing if there is.
  [[nodiscard]] std::optional<shed_reason> hopeless(const permit_request& one, mono_time now) const;
  // When there may be hope again.
  [[nodiscard]] mono_time half_open_at(resource what, shed_reason why) const;
  // The first moment at which somebody who waits could go on without anybody's doing; max if there is none.
  [[nodiscard]] mono_time look_again(mono_time now) const;
  // Until the last of its client that waits now for its kind has had its turn; nothing if nobody knows.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> expected_wait(const permit_request& one) const;
  // The same without knowing how fast turns come.
  [[nodiscard]] std::chrono::nanoseconds guessed_wait(resource what) const;
  [[nodiscard]] std::chrono::nanoseconds reserve(resource what, std::chrono::nanoseconds timeout) const {
    return of(what).service.reserve(timeout);
  }

  void push(const permit_request_ptr& one, fair_queue::position where) { of(one->who.what).queue.push(one, where); }
  bool remove(permit_request& one);
  void join(const permit_request_ptr& one, std::uint64_t client) { of(one->who.what).queue.join(one, client); }
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::size_t waiting_of(const permit_request& one) const { return of(one.who.what).queue.size_of(one.client()); }
  // The longest line of all kinds, and who came last in it.
  [[nodiscard]] std::size_t longest() const;
  [[nodiscard]] permit_request_ptr last_of_longest() const;
  [[nodiscard]] std::vector<permit_request_ptr> all() const;

  void send(permit_request& one, mono_time now);
  // A guest has one of the account's places, and moves nothing else of it.
  [[nodiscard]] bool has_place() const { return in_flight_ < limit_.now(); }
  void take_place() { ++in_flight_; }
  void give_place() { --in_flight_; }
  // Nobody waits for it any more, or somebody does again.
  void set_detached(permit_request& one, bool detached);

  struct tripped {
    bool cooled_down = false;
    bool broken = false;
  };
  // `newest`: the number of what was sent last. What trouble began with it.
  tripped finish(permit_request& one, const exchange_feedback& feedback, std::uint64_t newest, double chance, mono_time now);

  [[nodiscard]] std::uint64_t limit() const { return limit_.now(); }
  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
  [[nodiscard]] bool is_cooling_down() const { return !cool_down_.is_closed(); }
  [[nodiscard]] bool is_broken() const;
  [[nodiscard]] bool is_idle() const { return in_flight_ == 0 && waiting() == 0; }
  [[nodiscard]] mono_time used_at() const { return used_at_; }

private:
  struct kind {
    explicit kind(const backoff_policy& rules) : breaker(rules) {}
    fair_queue queue;
    permit_rate pace;  // of those who leave the queue with a turn
    service_time service;
    circuit_breaker breaker;
  };
  kind& of(resource what) { return kinds_[static_cast<std::size_t>(what)]; }
  [[nodiscard]] const kind& of(resource what) const { return kinds_[static_cast<std::size_t>(what)]; }
  permit_request_ptr take_next_of(resource what, bool detached_too, mono_time now);
  // When nobody waits for a kind any more, what comes next may be quite another time.
  static void settle(kind& one) {
    if (one.queue.size() == 0) one.pace.forget();
  }

  policy rules_;
  concurrency_limit limit_;
  circuit cool_down_;
  std::vector<kind> kinds_;  // by resource
  std::uint64_t in_flight_ = 0;
  std::uint64_t passthrough_in_flight_ = 0;
  bool summary_was_last_ = false;                              // of those who took the last turn
  std::size_t passthrough_next_ = 0;                           // the kind that is looked at first
  std::unordered_map<std::uint64_t, std::uint64_t> detached_;  // by client; none of them 0
  mono_time used_at_{};
};

}  // namespace gateway
