// The three states of a circuit breaker. Closed: everything passes. A failure opens it: nothing passes for a while. Then it is half-open:
// one request, the probe, may try. A success closes it. Each failure in a row doubles the time that it stays open.
// The cool-down after a 429 and the breaker after failures are both circuits.
// Exchanges are numbered in the order in which they were sent: the result of an exchange that was sent before the failure neither opens
// nor closes the circuit.
// Thread rule: none of its own; its owner locks. Time rule: `now` and chance are arguments.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"

namespace gateway {

struct backoff_policy {
  std::chrono::nanoseconds first;
  std::chrono::nanoseconds longest;

  // The pause before attempt number `streak` + 1; `chance` in [0, 1) makes it up to a quarter longer, never shorter.
  [[nodiscard]] std::chrono::nanoseconds span(unsigned streak, double chance) const;
};

class circuit {
public:
  enum class state : std::uint8_t {
    open,       // nothing passes; or the probe is still on its way
    half_open,  // one probe may pass
    closed,     // everything passes
  };

  explicit circuit(const backoff_policy& policy) : policy_(policy) {}
  // Applies from the next failure on.
  void set_policy(const backoff_policy& policy) { policy_ = policy; }

  [[nodiscard]] state state_at(mono_time now) const {
    if (closed_) return state::closed;
    return now < half_open_at_ || probing_ ? state::open : state::half_open;  // defence: one-probe
  }
  [[nodiscard]] bool is_closed() const { return closed_; }
  [[nodiscard]] mono_time half_open_at() const { return half_open_at_; }

  void begin_probe() { probing_ = true; }
  // Whatever the probe's result, another probe may pass.
  void end_probe() { probing_ = false; }

  // `sent`: the number of the exchange that failed; `newest`: of the last exchange sent. `at_least`: the pause that the upstream asked for.
  // Returns false if it was open already and the exchange was sent before the last failure.
  bool open(std::uint64_t sent, std::uint64_t newest, std::chrono::nanoseconds at_least, double chance, mono_time now);
  // Exchange number `sent` succeeded.
  void close(std::uint64_t sent);

private:
  backoff_policy policy_;
  bool closed_ = true;
  bool probing_ = false;
  unsigned streak_ = 0;               // failures in a row
  std::uint64_t sent_before_it_ = 0;  // the newest exchange at the last failure
  mono_time half_open_at_{};
};

}  // namespace gateway
