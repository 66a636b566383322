// The limits of one account at the upstream: its concurrency limit, its cool-down after a 429, and for each kind of resource a queue, a
// circuit breaker, the pause that a 503 asked for, and an estimate of the service time. So a slow export never delays a summary.
// While a fleet shares the budget, slots of the fleet bound the exchanges instead of the account's own limit (budget_share).
// Thread rule: none of its own; its owner locks. Time rule: `now` and chance are arguments.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/limit/budget_share.hpp"
#include "core/limit/bulk_turns.hpp"
#include "core/limit/circuit_breaker.hpp"
#include "core/limit/class_queue.hpp"
#include "core/limit/concurrency_limit.hpp"
#include "core/limit/permit_request.hpp"
#include "core/limit/service_time.hpp"

namespace gateway {

// How many of `permits` other resources than summaries may have. Of two or more permits, one is reserved for summaries.
constexpr std::uint64_t passthrough_share(std::uint64_t permits) { return permits > 1 ? permits - 1 : permits; }  // defence: summary-place

class upstream_account {
public:
  struct policy {
    std::uint64_t max_in_flight;
    backoff_policy cool_down;  // after a 429 without Retry-After
    backoff_policy breaker;
    unsigned failures_to_break;  // in a row
    // How many detached exchanges a client may have before it gets no more permits.
    std::uint64_t max_detached_per_client;
    std::uint64_t bulk_share;  // percent
  };
  // `loads`: of the clients, over all accounts.
  upstream_account(const policy& rules, const client_loads& loads);
  void set_policy(const policy& rules);

  // Whether the account allows this exchange now.
  [[nodiscard]] bool may_send(const permit_request& one, mono_time now) const;
  // Takes the next request that may be sent; null if there is none. Bulk yields to interactive requests. Summaries and other resources
  // alternate.
  struct openings {
    bool passthrough = false;  // other resources than summaries may be sent
    bool detached = false;     // clients with detached exchanges may send more
    std::uint64_t count = 1;   // how many may be sent
  };
  permit_request_ptr take_next(const openings& room, mono_time now);
  // Why `one` cannot be granted before its latest moment; nothing if it can.
  [[nodiscard]] std::optional<shed_reason> hopeless(const permit_request& one, mono_time now) const;
  // When the circuit behind `why` lets a probe pass.
  [[nodiscard]] mono_time half_open_at(const permit_request& one, shed_reason why) const;
  // When a waiting request may be granted without any other event; max if never.
  [[nodiscard]] mono_time recheck_at(const permit_request& one, mono_time now) const;
  // The time until the last waiting request of this client and kind has its permit; nothing if unknown.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> expected_wait(const permit_request& one, mono_time now) const;
  // The same; what is not known is estimated from the service time and from what bulk has met so far.
  [[nodiscard]] std::chrono::nanoseconds told_wait(const permit_request& one, mono_time now) const;
  [[nodiscard]] std::chrono::nanoseconds reserve(resource what, std::chrono::nanoseconds timeout) const {
    return of(what).service.reserve(timeout);
  }

  void push(const permit_request_ptr& one, fair_queue::position where, mono_time now) {
    of(one->who.what).queue.push(one, where, loads_, now);
  }
  bool remove(permit_request& one) { return of(one.who.what).queue.remove(one, loads_); }
  void join(const permit_request_ptr& one, const requester& who, mono_time now) { of(one->who.what).queue.join(one, who, loads_, now); }
  [[nodiscard]] std::size_t waiting() const;
  [[nodiscard]] std::size_t waiting_of(client_class group) const;
  // Whether any request waits for more than its client's own bound.
  [[nodiscard]] bool waits_for_slots() const;
  // Which request a full queue sheds here. `newest`: null if it is another account's.
  [[nodiscard]] permit_request_ptr one_too_many(const permit_request_ptr& newest) const;
  [[nodiscard]] std::vector<permit_request_ptr> all() const;

  void send(permit_request& one, mono_time now);
  // An exchange of a guest counts against the account's limit and changes nothing else.
  [[nodiscard]] bool has_room(resource what) const {
    if (in_flight_ >= held_at_) return false;
    return share_ ? share_->has_room(slot_kind_of(what), used_[slot_kind_of(what)]) : in_flight_ < limit_.now();
  }
  void begin_guest(resource what) { begin(what); }
  void end_guest(resource what) { end(what); }
  // No client waits for it any more, or one does again.
  void set_detached(permit_request& one, bool detached);

  struct tripped {
    bool cooled_down = false;
    bool broken = false;
    bool paused_anew = false;  // a cool-down or pause began: a probe that fails only prolongs it
    bool opened_anew = false;  // the same of a circuit breaker
  };
  // `newest`: the number of the exchange that was sent last. Returns which circuits opened because of this exchange.
  tripped finish(permit_request& one, const exchange_feedback& feedback, std::uint64_t newest, double chance, mono_time now);

  // From now on a fleet's slots bound it; it has none yet.
  void join_fleet();
  // The fleet cannot be asked: the account learns its limit anew from its part of what `members` gateways had, less a reserve.
  void leave_fleet(std::uint64_t members, std::uint64_t newest);
  [[nodiscard]] bool is_shared() const { return share_.has_value(); }
  void ask_for_spare() { share_->ask_for_spare(); }
  // `spare`: slots for requests that register nowhere. `room`: how many more exchanges the gateway may begin.
  [[nodiscard]] bool has_news(const slot_counts& spare, const openings& room, mono_time now) const;
  [[nodiscard]] budget_report report(const slot_counts& spare, const openings& room, mono_time now);
  void take(const budget_word& word, mono_time now) { share_->take(word, limit_, now); }

  // Its circuits in a fleet: as in circuit, over all of them.
  void share_circuits(bool with_fleet);
  [[nodiscard]] bool is_asking(const permit_request& one, mono_time now) const {
    return cool_down_.state_at(now) == circuit::state::asking || state_of(of(one.who.what), one.client(), now) == circuit::state::asking;
  }
  [[nodiscard]] bool has_circuit_report() const;
  // `optional`: kinds of requests that wait for a spare slot.
  void report_circuits(std::uint64_t account, const std::array<bool, resource_count>& optional, mono_time now,
                       std::vector<named_report>& to);
  // For operators: those that are not closed, or were opened after `last`.
  void add_circuits(std::uint64_t account, mono_time last, mono_time now, std::vector<circuit_figures>& to) const;
  // `words`: all that the engine knows about this account. Returns whether waiting requests are concerned.
  bool take_circuits(const std::vector<named_word>& words, std::uint64_t newest, mono_time now);

  // By hand. `most`: the account has no more exchanges at once, and alone it learns anew from there if it had less; max: no bound.
  void hold_at(std::uint64_t most, std::uint64_t newest);
  void reset_circuits();

  [[nodiscard]] std::uint64_t limit() const { return std::min(limit_.now(), held_at_); }  // defence: limit-held
  [[nodiscard]] std::uint64_t learnt_limit() const { return limit_.now(); }
  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
  [[nodiscard]] bool is_cooling_down() const;
  [[nodiscard]] bool is_broken() const;
  [[nodiscard]] bool is_idle() const { return in_flight_ == 0 && waiting() == 0; }
  [[nodiscard]] mono_time used_at() const { return used_at_; }

private:
  struct kind {
    explicit kind(const policy& rules) : pause(rules.cool_down), breaker(rules.breaker) {}
    class_queue queue;
    service_time service;
    circuit_breaker pause;  // after a 503 with Retry-After, which says nothing about the other kinds
    circuit_breaker breaker;
  };
  kind& of(resource what) { return kinds_[static_cast<std::size_t>(what)]; }                            // defence: kind-of-resource
  [[nodiscard]] const kind& of(resource what) const { return kinds_[static_cast<std::size_t>(what)]; }  // defence: kind-of-resource-const
  [[nodiscard]] bool has_room_for(resource what, mono_time now) const;
  void begin(resource what);
  void end(resource what);
  void note_accepted(const permit_request& one, const concurrency_limit::observation& what, mono_time now);
  void note_refused(const permit_request& one, const concurrency_limit::observation& what, mono_time now);
  // Whether a client's circuits, its breaker and its pause, let it pass.
  [[nodiscard]] static circuit::state state_of(const kind& mine, std::uint64_t client, mono_time now);
  [[nodiscard]] bool may_detach_more(std::uint64_t client, bool detached_too) const;
  // How many waiting requests could be sent if there were slots.
  [[nodiscard]] std::uint64_t sendable(const kind& mine, bool detached_too, mono_time now) const;
  [[nodiscard]] budget_share::needs needs_of(const slot_counts& spare, const openings& room, mono_time now) const;
  // A circuit opened: what was seen of the pace says nothing until it lets pass again.
  void interrupt(kind& one, mono_time now);
  [[nodiscard]] std::chrono::nanoseconds guessed_wait(const permit_request& one, mono_time now) const;
  // When the account's cool-down and the pause of its kind let it pass.
  [[nodiscard]] mono_time paused_until(const permit_request& one) const;
  permit_request_ptr take_next_of(client_class group, const openings& room, mono_time now);
  permit_request_ptr take_next_of(client_class group, resource what, bool detached_too, mono_time now);

  policy rules_;
  const client_loads& loads_;
  concurrency_limit limit_;
  std::uint64_t held_at_ = std::numeric_limits<std::uint64_t>::max();  // by an operator
  circuit cool_down_;
  std::vector<kind> kinds_;  // by resource
  struct fleet_limit {
    concurrency_limit limit;
    std::uint64_t epoch;
  };
  std::optional<budget_share> share_;    // while a fleet shares the account's budget
  std::optional<fleet_limit> learnt_;    // by the fleet, while it cannot be asked
  bool is_alone_ = false;                // the fleet cannot be asked
  std::chrono::nanoseconds longest_{0};  // the timeout of its exchanges
  slot_counts used_{};                   // exchanges in flight by kind of slot, guests' included
  std::uint64_t in_flight_ = 0;          // their sum
  std::uint64_t passthrough_in_flight_ = 0;
  bulk_turns bulk_;
  bool summary_was_last_ = false;                              // the last permit went to a summary
  std::size_t passthrough_next_ = 0;                           // the kind that is tried first
  std::unordered_map<std::uint64_t, std::uint64_t> detached_;  // by client; no value is 0
  mono_time used_at_{};
};

}  // namespace gateway
