// Who may ask the upstream now, who waits, and who is told to come again: the accounts' limits, one bound over all of them, and queues
// that are fair between accounts and, within one, between clients. What is unproved waits in lines of its own (unproved_queues), gets at
// most half of all places, and only such as no proved request can use.
// Thread rule: none of its own; io/upstream/turns locks around it. Time rule: `now` is an argument; chance comes from a seed.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <random>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/limit/retry_budget.hpp"
#include "core/limit/unproved_queues.hpp"
#include "core/limit/upstream_account.hpp"

namespace gateway {

struct limiter_policy {
  std::uint64_t max_in_flight = 40;  // over all accounts, and of each
  std::uint64_t max_queued = 1000;
  backoff_policy cool_down{std::chrono::milliseconds{100}, std::chrono::seconds{30}};
  // No probe is farther from the end of the one before: an upstream that is healthy again is noticed soon.
  backoff_policy breaker{std::chrono::seconds{1}, std::chrono::seconds{5}};
  unsigned failures_to_break = 10;
};

class upstream_limiter {
public:
  upstream_limiter(const limiter_policy& policy, std::uint64_t seed);

  // Each operation returns the requests to wake. `one` itself is not among them where its own task calls (enter, look).

  // Grants, queues, or sheds: `one` says which. The queue's bound may shed another one instead, of a client that asks for more.
  [[nodiscard]] wake_list enter(const permit_request_ptr& one, fair_queue::position where, mono_time now);
  // Grants only what is free at once and wanted by nobody who waits: for work that can be left undone.
  bool try_enter(const permit_request_ptr& one, mono_time now);
  // Somebody else wants the same as `one`, which may be waiting already or be about to, and can wait until `until`: its turn may come as
  // theirs, if that is sooner.
  [[nodiscard]] wake_list join(const permit_request_ptr& one, const requester& who, mono_time until, mono_time now);
  // Nobody waits for it any more: it leaves the queue, or goes on as detached.
  [[nodiscard]] wake_list abandon(const permit_request_ptr& one, mono_time now);
  // Lets go on who can, now that time has passed; if `one` has waited long enough it is shed as busy.
  [[nodiscard]] wake_list look(const permit_request_ptr& one, mono_time now);
  [[nodiscard]] wake_list finish(const permit_request_ptr& one, const exchange_feedback& feedback, mono_time now);
  // Other bounds from now on. What an account has learnt stays, within them.
  [[nodiscard]] wake_list set_policy(const limiter_policy& policy, mono_time now);
  // Nothing is granted any more, and whoever waits is shed.
  [[nodiscard]] wake_list close(mono_time now);

  // When to look the next time on behalf of `one`, if nothing happens before.
  [[nodiscard]] mono_time look_again(const permit_request& one, mono_time now) const;

  // Would there be time for the exchange still if it could not begin before `then`?
  [[nodiscard]] bool leaves_time(permit_request& one, mono_time then) {
    set_latest(one);
    return then < one.latest;
  }

  // Whether something may be sent once more, right away or in a turn of its own. What is unproved has a budget of its own.
  bool may_repeat() { return retries_.spend(); }
  bool may_repeat(permit_request& again, mono_time now);

  struct load {
    std::uint64_t in_flight = 0;
    std::uint64_t waiting = 0;
    std::uint64_t unproved_in_flight = 0;  // of in_flight
    std::uint64_t unproved_waiting = 0;    // of waiting
    std::uint64_t unproved_broken = 0;     // addresses of theirs whose line is left alone after failures
    std::uint64_t detached = 0;            // of in_flight: nobody waits for them
    std::uint64_t limit = 0;               // of the account that is allowed the least
    std::uint64_t cooling_down = 0;        // accounts
    std::uint64_t broken = 0;              // accounts; all of them while no connection can be made
    std::uint64_t cool_downs = 0;          // since the start
    std::uint64_t breaks = 0;
    std::array<std::uint64_t, shed_reason_count> sheds{};
  };
  [[nodiscard]] load now() const;
  // What one account may have under way, and has.
  struct share {
    std::uint64_t limit = 0, in_flight = 0;
  };
  [[nodiscard]] share of(std::uint64_t account) const;

private:
  struct place {
    explicit place(const upstream_account::policy& rules) : account(rules) {}
    upstream_account account;
    std::list<place*>::iterator in_line{};  // of waiting_, while its queue holds anybody
    bool waits = false;
  };

  [[nodiscard]] upstream_account::policy account_rules() const;
  [[nodiscard]] unproved_queues::policy line_rules() const;
  [[nodiscard]] bool has_room(resource what, mono_time now) const;
  [[nodiscard]] bool leaves_place(const permit_request& one) const;
  [[nodiscard]] bool is_out_of_reach(mono_time now) const { return host_.look(host_client, now) == circuit::state::open; }

  place& place_of(permit_request& one);
  // Null: none is known, and none is made.
  [[nodiscard]] const place* known(const permit_request& one) const;
  bool forget_an_idle_one();
  // How long it may wait for its turn, as far as is known now.
  void set_latest(permit_request& one);
  [[nodiscard]] std::optional<shed_reason> hopeless(permit_request& one, mono_time now);
  [[nodiscard]] std::chrono::nanoseconds retry_in(permit_request& one, shed_reason why, mono_time now);

  void send(permit_request& one, mono_time now);
  void queue(const permit_request_ptr& one, fair_queue::position at);
  bool unqueue(permit_request& one);
  void settle(place& where);
  void grant(mono_time now, wake_list& woken);
  void grant_unproved(mono_time now, wake_list& woken);
  void judge_wait(const permit_request_ptr& newest, mono_time now, wake_list& woken);
  void bound_queue(const permit_request_ptr& newest, mono_time now, wake_list& woken);
  void shed(const permit_request_ptr& one, shed_reason why, mono_time now, wake_list& woken);
  // Who cannot wait for the end of a trouble is shed; the others have to look at another time than they thought.
  void tell(const std::vector<permit_request_ptr>& waiting, mono_time now, wake_list& woken);
  // Its other requests move with a credential that has just been proved, or refused.
  void move_with(const permit_request& one, exchange_feedback::credential verdict, mono_time now, wake_list& woken);
  [[nodiscard]] std::vector<permit_request_ptr> everybody() const;
  retry_budget& retries_of(const permit_request& one) { return one.who.is_unproved() ? unproved_retries_ : retries_; }
  static double draw(std::minstd_rand& from) { return std::uniform_real_distribution<double>{}(from); }

  // The breaker of the host knows no clients.
  static constexpr std::uint64_t host_client = 0;

  limiter_policy policy_;
  std::minstd_rand chance_;
  std::minstd_rand unproved_chance_;  // apart: not even luck is shared
  retry_budget retries_;
  retry_budget unproved_retries_;
  circuit_breaker host_;  // connections that could not be made, whoever asked
  unproved_queues unproved_;
  std::unordered_map<std::uint64_t, std::unique_ptr<place>> places_;  // by account
  std::list<place*> waiting_;                                         // those with somebody in their queue; who is next comes first
  std::uint64_t newest_ = 0;                                          // number of what was sent last
  std::uint64_t in_flight_ = 0;
  std::uint64_t passthrough_in_flight_ = 0;
  std::uint64_t detached_ = 0;
  std::uint64_t queued_ = 0;  // of the proved
  bool closed_ = false;
  load totals_;  // of the counts since the start
};

}  // namespace gateway
