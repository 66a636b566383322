// The three states of a circuit breaker. Closed: everything passes. A failure opens it: nothing passes for a while. Then it is half-open:
// one request, the probe, may try. A success closes it. Each failure in a row doubles the time that it stays open.
// The cool-down after a 429 and the breaker after failures are both circuits.
// Exchanges are numbered in the order in which they were sent: the result of an exchange that was sent before the failure neither opens
// nor closes the circuit.
// In a fleet the engine knows when a circuit is open, and which gateway sends the probe (circuit_share).
// Thread rule: none of its own; its owner locks. Time rule: `now` and chance are arguments.
#pragma once

#include <cstdint>

#include "core/base/time.hpp"
#include "core/limit/circuit_figures.hpp"

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
    asking,     // half-open, and the fleet has not said yet which gateway may send the probe
    half_open,  // one probe may pass
    closed,     // everything passes
  };

  explicit circuit(const backoff_policy& policy) : policy_(policy) {}
  // Applies from the next failure on.
  void set_policy(const backoff_policy& policy) { policy_ = policy; }

  [[nodiscard]] state state_at(mono_time now) const {
    if (closed_) return state::closed;
    if (now < half_open_at_ || probing_ || turn_ == turn::of_another) return state::open;  // defence: one-probe
    return turn_ == turn::unknown ? state::asking : state::half_open;
  }
  static constexpr bool passes(state is) { return is == state::half_open || is == state::closed; }
  [[nodiscard]] bool is_closed() const { return closed_; }
  [[nodiscard]] mono_time half_open_at() const { return half_open_at_; }
  [[nodiscard]] bool is_open_or_opened_after(mono_time last) const { return !closed_ || opened_at_ > last; }
  [[nodiscard]] circuit_figures figures(const circuit_name& name, mono_time now) const;

  // What failed: the cause, if it opens or is open.
  void blame(std::optional<fault> cause) { cause_ = cause; }

  void begin_probe() { probing_ = true; }
  // Whatever the probe's result, another probe may pass.
  void end_probe() {
    probing_ = false;
    if (turn_ != turn::alone) turn_ = turn::unknown;
  }

  // `sent`: the number of the exchange that failed; `newest`: of the last exchange sent. `at_least`: the pause that the upstream asked for.
  // Returns false if it was open already and the exchange was sent before the last failure.
  bool open(std::uint64_t sent, std::uint64_t newest, std::chrono::nanoseconds at_least, double chance, mono_time now);
  // Exchange number `sent` succeeded.
  void close(std::uint64_t sent);

  // By hand: as if nothing had failed. A fleet hears of it as of a success.
  void reset();

  // From now on a fleet decides which gateway sends the probe; or this one is alone again.
  void share(bool with_fleet);
  // Whether the fleet has to know it: it is not closed, or was closed just now.
  [[nodiscard]] bool has_report() const { return turn_ != turn::alone && (!closed_ || news_ != circuit_report::event::unchanged); }
  // `waits`: a request would be the probe.
  [[nodiscard]] circuit_report report(bool waits, mono_time now);
  // The engine's word; null: it has none, so this gateway decides. `adopts`: the fleet may open it. `newest`: as in open(). Returns whether
  // waiting requests are concerned.
  bool take(const circuit_word* word, bool adopts, std::uint64_t newest, mono_time now);

private:
  // Whose is the probe?
  enum class turn : std::uint8_t { alone, unknown, mine, of_another };

  backoff_policy policy_;
  bool closed_ = true;
  bool probing_ = false;
  unsigned streak_ = 0;                     // failures in a row
  std::uint64_t sent_before_it_ = 0;        // the newest exchange at the last failure
  mono_time opened_at_ = mono_time::min();  // from closed
  std::optional<fault> cause_;
  mono_time half_open_at_{};
  turn turn_ = turn::alone;
  std::uint64_t known_ = 0;  // the fleet's number of this opening; 0: it has none yet
  circuit_report::event news_ = circuit_report::event::unchanged;
};

}  // namespace gateway
