// Who may ask the upstream now, who waits, and who is told to come again: the accounts' limits, one bound over all of them, and a queue
// that is fair between accounts and, within one, between clients.
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
#include "core/limit/service_time.hpp"
#include "core/limit/upstream_account.hpp"

namespace gateway {

struct shield_policy {
  std::uint64_t max_in_flight = 40;  // over all accounts, and of each
  std::uint64_t max_queued = 1000;
  backoff_policy cool_down{std::chrono::milliseconds{100}, std::chrono::seconds{30}};
  backoff_policy breaker{std::chrono::seconds{1}, std::chrono::seconds{30}};
  unsigned failures_to_break = 10;
};

class upstream_shield {
public:
  upstream_shield(const shield_policy& policy, std::uint64_t seed) : policy_(policy), chance_(seed), retries_(policy.max_in_flight) {}

  // Grants, queues, or sheds: `one` says which. The queue's bound may shed another one instead, of a client that asks for more.
  void enter(const turn_ptr& one, fair_queue::position where, mono_time now);
  // Grants only what is free at once and wanted by nobody who waits: for work that can be left undone.
  bool try_enter(const turn_ptr& one, mono_time now);
  // Somebody else wants the same as `one`, which may be waiting already or be about to: its turn may come as `client`'s, if that is sooner.
  void join(const turn_ptr& one, std::uint64_t client) { place_of(*one).account.queue.join(one, client); }
  // Lets go on who can, now that time has passed; if `one` has waited long enough it is shed as busy.
  void look(const turn_ptr& one, mono_time now);
  void finish(const turn_ptr& one, const exchange_news& news, mono_time now);
  // Other bounds from now on. What an account has learnt stays, within them.
  void set_policy(const shield_policy& policy, mono_time now);
  // Nothing is granted any more, and whoever waits is shed.
  void close(mono_time now);

  // When to look the next time on behalf of `one`, if nothing happens before.
  [[nodiscard]] mono_time look_again(const turn_request& one, mono_time now) const;
  // Those who should look again: they were granted or shed, or a gate that they wait for will open later than they know.
  std::vector<turn_ptr> take_told() { return std::exchange(told_, {}); }

  // Whether something may be sent once more, right away or in a turn of its own.
  bool may_repeat() { return retries_.spend(); }
  bool may_repeat(turn_request& again, mono_time now);

  struct load {
    std::uint64_t in_flight = 0;
    std::uint64_t waiting = 0;
    std::uint64_t limit = 0;         // of the account that is allowed the least
    std::uint64_t cooling_down = 0;  // accounts
    std::uint64_t broken = 0;        // accounts
    std::uint64_t cool_downs = 0;    // since the start
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

  [[nodiscard]] upstream_account::policy rules() const {
    return {policy_.max_in_flight, policy_.cool_down, policy_.breaker, policy_.failures_to_break};
  }
  place& place_of(turn_request& one);
  // How long it may wait for its turn, as far as is known now.
  void set_latest(turn_request& one) const { one.latest = one.wanted_at + one.timeout - service_.reserve(one.timeout); }
  bool forget_an_idle_one();
  void send(place& where, turn_request& one, mono_time now);
  void queue(place& where, const turn_ptr& one, fair_queue::position at);
  void settle(place& where);
  void grant(mono_time now);
  void judge_wait(place& where, const turn_ptr& newest, mono_time now);
  void bound_queue(place& where, const turn_ptr& newest, mono_time now);
  void shed(place& where, const turn_ptr& one, shed_reason why, mono_time now);
  void tell_of_trouble(place& where, mono_time now);
  [[nodiscard]] std::chrono::nanoseconds retry_in(const place& where, std::uint64_t client, shed_reason why, mono_time now) const;
  double chance() { return std::uniform_real_distribution<double>{}(chance_); }

  shield_policy policy_;
  std::minstd_rand chance_;
  retry_budget retries_;
  service_time service_;
  std::unordered_map<std::uint64_t, std::unique_ptr<place>> places_;  // by account
  std::list<place*> waiting_;                                         // those with somebody in their queue; who is next comes first
  std::vector<turn_ptr> told_;
  std::uint64_t newest_ = 0;  // number of what was sent last
  std::uint64_t in_flight_ = 0;
  std::uint64_t queued_ = 0;
  bool closed_ = false;
  load totals_;  // of the counts since the start
};

}  // namespace gateway
