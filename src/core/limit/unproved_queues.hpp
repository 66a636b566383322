// Those who wait with credentials that nobody has proved yet: a line for each address, and the networks of the addresses take turns.
// However many credentials somebody invents, they stand in the inventor's own line. A line whose credentials turn out to be good may
// have more exchanges under way at once, one whose credentials are refused fewer. Of one credential a single exchange is under way.
// Thread rule: none of its own; whoever shares it locks around it. Time rule: `now` is an argument; so is chance.
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

  // Why there is no hope for it before its latest moment; nothing if there is.
  [[nodiscard]] std::optional<shed_reason> hopeless(const permit_request& one, mono_time now) const;
  [[nodiscard]] mono_time half_open_at(const permit_request& one, shed_reason why) const;
  [[nodiscard]] mono_time look_again(const permit_request& one, mono_time now) const;
  [[nodiscard]] std::chrono::nanoseconds expected_wait() const;
  [[nodiscard]] std::chrono::nanoseconds reserve(std::chrono::nanoseconds timeout) const { return service_.reserve(timeout); }

  void push(const permit_request_ptr& one);
  bool remove(permit_request& one);
  // Takes the next one that may be sent; null if there is none. `account_may`: asked about each, whatever else it needs.
  template <class AccountMay>
  permit_request_ptr take_next(mono_time now, AccountMay account_may);
  // Those who wait with this credential leave.
  std::vector<permit_request_ptr> take_all_with(std::uint64_t credential);
  // More wait than may: of the network that has the most waiting, the last of the longest line; null while there is room.
  [[nodiscard]] permit_request_ptr one_too_many() const;
  [[nodiscard]] std::vector<permit_request_ptr> all() const;

  // Whether one more with this credential could be sent now, if it waited.
  [[nodiscard]] bool may_send(const permit_request& one, mono_time now) const;
  void send(permit_request& one, mono_time now);
  // True if its line got into trouble: those who wait in it should look again.
  bool finish(permit_request& one, const exchange_feedback& feedback, std::uint64_t newest, double chance, mono_time now);

  [[nodiscard]] std::size_t waiting() const { return waiting_; }
  [[nodiscard]] std::uint64_t in_flight() const { return in_flight_; }
  // Lines whose breaker is open; linear.
  [[nodiscard]] std::uint64_t broken() const;

private:
  // What an address is known for. Forgotten when too many are known: strangers come and go.
  struct address_state {
    explicit address_state(const policy& rules) : cool_down(rules.cool_down), breaker(rules.breaker) {}
    std::uint64_t width = 2;  // exchanges under way at once
    std::uint64_t in_flight = 0;
    circuit cool_down;
    circuit_breaker breaker;
    std::list<std::uint64_t>::iterator by_use;
  };
  struct network {
    explicit network(std::uint64_t which) : id(which) {}
    std::uint64_t id;
    fair_queue lines;  // by address
  };
  static constexpr std::size_t max_known = 4096;

  address_state& state_of(std::uint64_t address);
  [[nodiscard]] const address_state* known(std::uint64_t address) const;
  [[nodiscard]] bool line_may(std::uint64_t address, mono_time now) const;
  [[nodiscard]] bool credential_may(const permit_request& one) const { return one.who.proved || !under_way_.contains(one.who.credential); }
  void left(std::list<network>::iterator from);

  policy rules_;
  std::list<network> networks_;  // whose turn is next comes first; none is empty
  std::unordered_map<std::uint64_t, std::list<network>::iterator> by_id_;
  std::unordered_map<std::uint64_t, address_state> addresses_;
  std::list<std::uint64_t> by_use_;              // addresses of standings_; the one used the longest time ago comes first
  std::unordered_set<std::uint64_t> under_way_;  // unproved credentials with an exchange
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
    auto const may = [&](std::uint64_t address) { return line_may(address, now); };
    auto one = whose->lines.pop_if(may, entry_may);
    if (!one) continue;
    networks_.splice(networks_.end(), networks_, whose);
    pace_.granted(now);
    left(whose);
    return one;
  }
  return nullptr;
}

}  // namespace gateway
