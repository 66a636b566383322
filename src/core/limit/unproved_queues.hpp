// The queues of requests whose credentials are not proved yet: one queue per client address, round robin over the networks and, within a
// network, over its addresses. Invented credentials therefore delay only requests from their own address. An address whose credentials
// are accepted may have more exchanges in flight, an address whose credentials are refused fewer. Each credential has one at a time.
// Thread rule: none of its own; its owner locks. Time rule: `now` and chance are arguments.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/limit/circuit_breaker.hpp"
#include "core/limit/permit_rate.hpp"
#include "core/limit/permit_request.hpp"
#include "core/limit/service_time.hpp"

namespace gateway {

class unproved_queues {
public:
  struct policy {
    std::uint64_t max_in_flight;
    std::uint64_t max_queued;
    backoff_policy cool_down;
    backoff_policy breaker;
    unsigned failures_to_break;
  };
  explicit unproved_queues(const policy& rules) : rules_(rules) {}
  void set_policy(const policy& rules) { rules_ = rules; }

  // Why the request cannot be granted before its latest moment; nothing if it can.
  [[nodiscard]] std::optional<shed_reason> hopeless(const permit_request& one, mono_time now) const;
  [[nodiscard]] mono_time half_open_at(const permit_request& one, shed_reason why) const;
  [[nodiscard]] mono_time recheck_at(const permit_request& one, mono_time now) const;
  [[nodiscard]] std::chrono::nanoseconds expected_wait() const;
  [[nodiscard]] std::chrono::nanoseconds reserve(std::chrono::nanoseconds timeout) const { return service_.reserve(timeout); }

  void push(const permit_request_ptr& one);
  bool remove(permit_request& one);
  // Takes the next request that may be sent; null if there is none. `account_may`: a further condition on each.
  template <class AccountMay>
  permit_request_ptr take_next(mono_time now, AccountMay account_may);
  // Removes all requests with this credential.
  std::vector<permit_request_ptr> take_all_with(std::uint64_t credential);
  // The request to shed if too many wait: the last one in the longest queue of the network with the most; else null.
  [[nodiscard]] permit_request_ptr one_too_many() const;
  [[nodiscard]] std::vector<permit_request_ptr> all() const;

  // Whether this request may be sent now without waiting.
  [[nodiscard]] bool may_send(const permit_request& one, mono_time now) const;
  void send(permit_request& one, mono_time now);
  // Returns true if the cool-down or the breaker of its address opened: requests that wait there need another look.
  bool finish(permit_request& one, const exchange_feedback& feedback, std::uint64_t newest, double chance, mono_time now);

  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
  // Addresses whose breaker is open; linear.
  [[nodiscard]] std::uint64_t broken() const;

private:
  // The state of one address. The state that was used the longest time ago is forgotten when there are too many.
  struct address_state {
    explicit address_state(const policy& rules) : cool_down(rules.cool_down), breaker(rules.breaker) {}
    std::uint64_t width = 2;  // how many exchanges may be in flight
    std::uint64_t in_flight = 0;
    circuit cool_down;
    circuit_breaker breaker;
    std::list<std::uint64_t>::iterator by_use;
  };
  struct network {
    explicit network(std::uint64_t which) : id(which) {}
    std::uint64_t id;
    fair_queue requests;  // by address
  };
  static constexpr std::size_t max_known = 4096;  // defence: unproved-networks

  address_state& state_of(std::uint64_t address);
  [[nodiscard]] const address_state* known(std::uint64_t address) const;
  [[nodiscard]] bool address_may(std::uint64_t address, mono_time now) const;
  // defence: one-per-unproved
  [[nodiscard]] bool credential_may(const permit_request& one) const { return one.who.proved || !under_way_.contains(one.who.credential); }
  void left(std::list<network>::iterator from);

  policy rules_;
  std::list<network> networks_;  // the next network comes first; none is empty
  std::unordered_map<std::uint64_t, std::list<network>::iterator> by_id_;
  std::unordered_map<std::uint64_t, address_state> addresses_;
  std::list<std::uint64_t> by_use_;              // keys of addresses_; the one used the longest time ago comes first
  std::unordered_set<std::uint64_t> under_way_;  // unproved credentials with an exchange in flight
  std::size_t waiting_ = 0;
  std::uint64_t in_flight_ = 0;
  permit_rate pace_;
  service_time service_;
};

template <class AccountMay>
permit_request_ptr unproved_queues::take_next(mono_time now, AccountMay account_may) {
  if (in_flight_ >= rules_.max_in_flight) return nullptr;
  auto const entry_may = [&](const permit_request& one) { return credential_may(one) && account_may(one); };
  for (auto whose = networks_.begin(); whose != networks_.end(); ++whose) {
    auto const may = [&](const fair_queue::client_queue& one) { return address_may(one.client, now); };
    auto one = whose->requests.pop_if(may, entry_may);
    if (!one) continue;
    networks_.splice(networks_.end(), networks_, whose);  // defence: networks-in-rotation
    pace_.granted(now);
    left(whose);
    return one;
  }
  return nullptr;
}

}  // namespace gateway
