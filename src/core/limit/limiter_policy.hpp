// The bounds that the upstream limiter keeps to, and whether it keeps to them alone.
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/limit/circuit.hpp"

namespace gateway {

struct limiter_policy {
  std::uint64_t max_in_flight = 40;  // over all accounts, and of each
  std::uint64_t max_queued = 1000;
  backoff_policy cool_down{std::chrono::milliseconds{100}, std::chrono::seconds{30}};
  // The longest pause between two probes is short, so that a recovered upstream is noticed soon.
  backoff_policy breaker{std::chrono::seconds{1}, std::chrono::seconds{5}};
  unsigned failures_to_break = 10;
  std::uint64_t bulk_share = 5;  // percent of an account's turns, while interactive requests wait too
};

struct account_limit {
  std::uint64_t account = 0;
  std::uint64_t limit = 0;
};

// Whether a fleet shares the budgets of accounts. None: there is no fleet. Alone: its engine cannot be asked, so each gateway goes on with
// its part of what is known.
struct fleet_state {
  enum class is : std::uint8_t { none, alone, shared };
  is now = is::none;
  std::uint64_t members = 1;
};

}  // namespace gateway
