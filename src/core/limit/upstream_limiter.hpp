// The upstream limiter: it decides which permit request is granted now, which one waits, and which one is shed. It holds the limits of each
// account, one limit over all accounts, and queues that are fair between accounts and, within an account, between clients: turns go by the
// clients' weights, and bulk yields to interactive requests (class_queue). A client may have a bound of its own (client_loads). Unproved
// requests wait in queues of their own (unproved_queues); they get at most half of all permits, and only permits that no proved request
// can use.
// Thread rule: none of its own; io/upstream/upstream_permits locks. Time rule: `now` is an argument; chance comes from a seed.
#pragma once

#include <algorithm>
#include <array>
#include <list>
#include <memory>
#include <random>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/limit/account_figures.hpp"
#include "core/limit/client_loads.hpp"
#include "core/limit/levers.hpp"
#include "core/limit/limiter_policy.hpp"
#include "core/limit/retry_budget.hpp"
#include "core/limit/unproved_queues.hpp"
#include "core/limit/upstream_account.hpp"

namespace gateway {

// The shares of named clients, by requester::named.
using client_shares = std::unordered_map<std::uint64_t, client_share>;

class upstream_limiter {
public:
  upstream_limiter(const limiter_policy& policy, std::uint64_t seed);
  upstream_limiter(const upstream_limiter&) = delete;
  upstream_limiter& operator=(const upstream_limiter&) = delete;
  ~upstream_limiter() = default;

  // Each operation returns the requests whose tasks must be woken. enter and recheck leave `one` out, because its own task calls them.

  // Grants, queues or sheds `one`, whose state says which. A full queue may shed another request instead.
  [[nodiscard]] wake_list enter(const permit_request_ptr& one, fair_queue::position where, mono_time now);
  // Grants only a permit that is free at once and that no waiting request can use: for work that can be left undone. In a fleet `one` may
  // wait until the engine has said whether a slot is free.
  bool try_enter(const permit_request_ptr& one, mono_time now);
  // Another requester wants the same as `one` and can wait until `until`. `one` may be waiting, granted or not yet entered; it takes the
  // requester's position in the queues if that comes sooner.
  [[nodiscard]] wake_list join(const permit_request_ptr& one, requester who, mono_time until, mono_time now);
  // No client waits for it any more: it leaves the queue, or its exchange goes on as detached.
  [[nodiscard]] wake_list abandon(const permit_request_ptr& one, mono_time now);
  // Time has passed: grants what may be granted now, and sheds `one` as busy if it has waited long enough.
  [[nodiscard]] wake_list recheck(const permit_request_ptr& one, mono_time now);
  [[nodiscard]] wake_list finish(const permit_request_ptr& one, const exchange_feedback& feedback, mono_time now);
  // Sets other bounds. What the limiter has learnt about an account stays, within them.
  [[nodiscard]] wake_list set_policy(const limiter_policy& policy, mono_time now);
  // Other shares of named clients, whatever the requests of these clients bring, and for those that wait, too.
  [[nodiscard]] wake_list set_shares(const client_shares& shares, mono_time now);
  [[nodiscard]] std::uint64_t in_flight_of_client(std::uint64_t named) const { return loads_.of(named); }
  // Grants nothing any more and sheds every waiting request.
  [[nodiscard]] wake_list close(mono_time now);

  // What an operator moves by hand. nullopt: there are too many levers, or there was none to lift.
  [[nodiscard]] std::optional<wake_list> set_lever(const lever& one, mono_time now);
  [[nodiscard]] std::optional<wake_list> lift_lever(lever::kind what, std::uint64_t account, mono_time now);
  struct ended_levers {
    std::vector<lever> ended;
    wake_list woken;
  };
  [[nodiscard]] ended_levers end_levers(mono_time now);
  [[nodiscard]] const std::vector<lever>& levers_set() const { return levers_.all(); }
  // Closes the account's circuits, as if nothing had failed.
  [[nodiscard]] wake_list reset_circuits(std::uint64_t account, mono_time now);
  [[nodiscard]] std::vector<std::uint64_t> known_accounts() const;

  // The fleet. Accounts whose slots the engine should hear of are noted; each then gets a report, and the engine's word for it.
  [[nodiscard]] wake_list set_fleet(const fleet_state& fleet, mono_time now);
  [[nodiscard]] bool has_news() const { return !changed_.empty() || circuits_changed_; }
  [[nodiscard]] std::vector<std::uint64_t> take_changed();
  // All accounts that use slots or want some, whether anything changed or not.
  [[nodiscard]] std::vector<std::uint64_t> sharing_accounts() const;
  // nullopt: the account has nothing to say. `anyway`: it reports all the same, if it is known.
  [[nodiscard]] std::optional<budget_report> report_of(std::uint64_t account, bool anyway, mono_time now);
  [[nodiscard]] wake_list take_word(std::uint64_t account, const budget_word& word, mono_time now);
  // The fleet's circuits. nullopt: the engine has nothing to hear. `anyway`: it is asked all the same. The reply has all circuits that it
  // knows, of accounts that this gateway knows.
  [[nodiscard]] std::optional<std::vector<named_report>> report_circuits(bool anyway, mono_time now);
  [[nodiscard]] wake_list take_circuits(const std::vector<named_word>& words, mono_time now);
  // Circuits that are not closed, for operators: the host's, then those of accounts until there are so many.
  static constexpr std::size_t circuits_shown = 50;
  [[nodiscard]] std::vector<circuit_figures> circuits(mono_time now) const { return circuits(mono_time::max(), circuits_shown, now); }
  // What an operator who looked at `last` has not seen yet. It is linear in the accounts.
  struct changes {
    std::vector<circuit_figures> circuits;  // those that are not closed, or were opened since
    bool is_complete = true;                // none was left out
    std::vector<account_limit> lowered;     // accounts whose learnt limit is below `most`
    std::uint64_t most = 0;
  };
  [[nodiscard]] changes changes_since(mono_time last, mono_time now) const;

  // For operators: the accounts in trouble first, then those with the longest queues, those with the most exchanges, and the last used.
  struct busiest {
    std::size_t known = 0;               // accounts, also those that are left out
    std::optional<circuit_figures> way;  // the host's circuit, unless it is closed: it stops all accounts
    std::vector<account_figures> accounts;
  };
  [[nodiscard]] busiest busiest_accounts(std::size_t most, mono_time now) const;

  // When to recheck `one` if nothing happens before.
  [[nodiscard]] mono_time recheck_at(const permit_request& one, mono_time now) const;

  // Whether enough time for the exchange remains if it cannot begin before `then`.
  [[nodiscard]] bool leaves_time(permit_request& one, mono_time then) {
    set_latest(one);
    return then < one.latest;
  }

  // Whether the retry budget allows another exchange: with the same permit, or with a new one. Unproved requests have their own budget.
  bool may_repeat(mono_time now) { return !levers_.stops(nobody, now) && retries_.spend(); }  // defence: pause-repeats-nothing
  bool may_repeat(permit_request& again, mono_time now);

  struct load {
    std::uint64_t in_flight = 0;
    std::uint64_t waiting = 0;
    std::uint64_t unproved_in_flight = 0;  // of in_flight
    std::uint64_t unproved_waiting = 0;    // of waiting
    std::uint64_t unproved_broken = 0;     // addresses of unproved requests whose breaker is open
    std::uint64_t detached = 0;            // of in_flight: exchanges for which no client waits
    std::uint64_t limit = 0;               // the lowest concurrency limit of an account
    std::uint64_t cooling_down = 0;        // accounts
    std::uint64_t broken = 0;              // accounts with an open breaker; all of them while the upstream cannot be reached
    std::uint64_t cool_downs = 0;          // since the start
    std::uint64_t breaks = 0;
    std::array<std::uint64_t, shed_reason_count> sheds{};
    std::uint64_t bulk_in_flight = 0;                         // of in_flight: exchanges of clients of class bulk
    std::uint64_t bulk_waiting = 0;                           // of waiting
    std::array<std::uint64_t, client_class_count> permits{};  // since the start, of proved requests
  };
  [[nodiscard]] load now() const;
  // The concurrency limit of one account, and its exchanges in flight.
  struct share {
    std::uint64_t limit = 0, in_flight = 0;
  };
  [[nodiscard]] share of(std::uint64_t account) const;
  // The same account, for operators; with the host's circuit, which stops all accounts.
  [[nodiscard]] account_figures figures_of(std::uint64_t account, mono_time now) const;

private:
  struct known_account {
    known_account(const upstream_account::policy& rules, const client_loads& loads) : limits(rules, loads) {}
    upstream_account limits;
    std::vector<permit_request_ptr> optional;        // they wait for a spare slot, and are shed if the engine gives none
    std::size_t reported_optional = 0;               // the engine has heard of so many of them
    std::list<known_account*>::iterator in_round{};  // of waiting_, while a request of it waits
    bool waits = false;
  };

  [[nodiscard]] account_figures figures_of(std::uint64_t account, const upstream_account& limits, mono_time now) const;
  [[nodiscard]] upstream_account::policy account_policy() const;
  [[nodiscard]] unproved_queues::policy unproved_policy() const;
  [[nodiscard]] std::uint64_t half_of_all() const { return std::max<std::uint64_t>(policy_.max_in_flight / 2, 1); }
  [[nodiscard]] bool has_room(resource what, mono_time now) const;
  [[nodiscard]] bool account_has_room(const permit_request& guest) const;
  [[nodiscard]] circuit::state host_state(mono_time now) const { return host_.state_for(host_client, now); }
  [[nodiscard]] bool is_out_of_reach(mono_time now) const { return host_state(now) == circuit::state::open; }

  [[nodiscard]] std::vector<circuit_figures> circuits(mono_time last, std::size_t most, mono_time now) const;
  void apply_levers(std::uint64_t account);
  known_account& account_of(permit_request& one);
  void note_change(std::uint64_t account) {
    if (fleet_.now != fleet_state::is::shared) return;
    changed_.insert(account);
    circuits_changed_ = circuits_changed_ || host_.is_open() || troubled_.contains(account);
  }
  void note_circuits(const permit_request& one, exchange_outcome how);
  void ask_again(std::uint64_t account, known_account& where);
  void apply_fleet(upstream_account& account) const;
  void share_host(bool with_fleet);
  [[nodiscard]] upstream_account::openings openings_now(mono_time now) const;
  [[nodiscard]] slot_counts spare_of(std::uint64_t account, const known_account& where) const;
  void wait_for_spare(const permit_request_ptr& one);
  void decide_optional(known_account& where, mono_time now, wake_list& woken);
  // Null if the account is not known. Unlike account_of, it makes none.
  [[nodiscard]] const known_account* find_account(const permit_request& one) const;
  bool forget_an_idle_account();
  // Sets the moment until which it may wait, as far as is known now.
  void set_latest(permit_request& one);
  [[nodiscard]] std::optional<shed_reason> hopeless(permit_request& one, mono_time now);
  [[nodiscard]] std::chrono::nanoseconds retry_in(permit_request& one, shed_reason why, mono_time now);

  void send(permit_request& one, mono_time now);
  // The share that counts for it now.
  [[nodiscard]] client_share share_of(const requester& who) const;
  void queue(const permit_request_ptr& one, fair_queue::position at, mono_time now);
  bool unqueue(permit_request& one);
  void leave_round(known_account& account);
  void grant(mono_time now, wake_list& woken);
  void grant_unproved(mono_time now, wake_list& woken);
  void judge_wait(const permit_request_ptr& newest, mono_time now, wake_list& woken);
  void bound_queue(const permit_request_ptr& newest, mono_time now, wake_list& woken);
  void shed(const permit_request_ptr& one, shed_reason why, mono_time now, wake_list& woken);
  // A circuit has opened: requests that cannot wait for it are shed, and the others must recheck at another time.
  void reconsider(const std::vector<permit_request_ptr>& waiting, mono_time now, wake_list& woken);
  // The credential of `one` was proved or refused: its other requests move to the queues where they belong now.
  void move_with(const permit_request& one, exchange_feedback::credential verdict, mono_time now, wake_list& woken);
  [[nodiscard]] std::vector<permit_request_ptr> all_waiting() const;
  [[nodiscard]] bool some_wait_for_slots() const;
  // defence: unproved-retries
  retry_budget& retries_of(const permit_request& one) { return one.who.is_unproved() ? unproved_retries_ : retries_; }
  static double draw(std::minstd_rand& from) { return std::uniform_real_distribution<double>{}(from); }

  // The breaker of the host does not distinguish clients.
  static constexpr std::uint64_t host_client = 0;
  // A pause holds for everybody.
  static constexpr std::uint64_t nobody = 0;

  limiter_policy policy_;
  levers levers_;
  fleet_state fleet_;
  std::minstd_rand chance_;
  std::minstd_rand unproved_chance_;  // separate, so that unproved requests do not even change the others' chance
  retry_budget retries_;
  retry_budget unproved_retries_;
  circuit_breaker host_;  // opens when connections fail, whoever the requester is
  unproved_queues unproved_;
  client_loads loads_;
  client_shares shares_;  // of all clients, once they were set
  std::unordered_map<std::uint64_t, std::unique_ptr<known_account>> accounts_;
  std::list<known_account*> waiting_;  // accounts with waiting requests; the next account comes first
  std::uint64_t newest_ = 0;           // the number of the exchange that was sent last
  std::uint64_t in_flight_ = 0;
  std::uint64_t passthrough_in_flight_ = 0;
  std::uint64_t detached_ = 0;
  std::uint64_t queued_ = 0;                    // proved requests
  std::unordered_set<std::uint64_t> changed_;   // accounts with something to report
  std::unordered_set<std::uint64_t> troubled_;  // accounts with circuits that the fleet has to know
  bool circuits_changed_ = false;               // the engine may have to hear of circuits
  bool ask_for_circuits_ = false;               // an exchange has failed: other gateways may know more
  std::vector<circuit_name> probes_wanted_;     // as reported
  bool closed_ = false;
  load totals_;  // the counts since the start
};

}  // namespace gateway
