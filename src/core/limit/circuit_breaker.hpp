// A circuit breaker: it opens after several failures in a row. From then on one probe at a time tests whether the upstream is back.
// While all failures belong to one client, it is open for that client only: a client cannot shut others out with requests that fail.
// Thread rule: none of its own; its owner locks. Time rule: `now` and chance are arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "core/limit/circuit.hpp"

namespace gateway {

class circuit_breaker {
public:
  using state = circuit::state;

  explicit circuit_breaker(const backoff_policy& policy) : circuit_(policy) {}
  void set_policy(const backoff_policy& policy) { circuit_.set_policy(policy); }

  [[nodiscard]] state state_for(std::uint64_t client, mono_time now) const {
    return is_only_of_others(client) ? state::closed : circuit_.state_at(now);
  }
  [[nodiscard]] bool is_open() const { return !circuit_.is_closed(); }
  // Whether it is open, or half-open, for this client.
  [[nodiscard]] bool concerns(std::uint64_t client) const { return is_open() && !is_only_of_others(client); }
  [[nodiscard]] mono_time half_open_at() const { return circuit_.half_open_at(); }
  [[nodiscard]] circuit_figures figures(const circuit_name& name, mono_time now) const { return circuit_.figures(name, now); }

  // An exchange begins. Returns true if it is the probe: then end_probe() must follow.
  bool send(std::uint64_t client, mono_time now) {
    bool const probes = state_for(client, now) == state::half_open;
    if (probes) circuit_.begin_probe();
    return probes;
  }
  void end_probe() { circuit_.end_probe(); }

  void reset() {
    failures_ = 0;
    circuit_.reset();
    alone_.reset();
  }

  // `sent`, `newest`: numbers of exchanges, as in circuit.
  void note_success(std::uint64_t sent) {
    failures_ = 0;
    circuit_.close(sent);
    if (circuit_.is_closed()) alone_.reset();
  }
  // Returns true if it opened now, or is open for more clients now. `at_least`: the pause that the upstream asked for.
  bool note_failure(std::uint64_t client, std::uint64_t sent, std::uint64_t newest, unsigned to_open, double chance, mono_time now,
                    std::chrono::nanoseconds at_least = {}) {
    if (failures_ == 0 && circuit_.is_closed()) alone_ = client;
    bool const another = alone_ && *alone_ != client;
    if (another) alone_.reset();
    ++failures_;
    if (circuit_.is_closed() && failures_ < to_open) return false;
    return circuit_.open(sent, newest, at_least, chance, now) || another;
  }

  void blame(std::optional<fault> cause) { circuit_.blame(cause); }
  [[nodiscard]] bool is_open_or_opened_after(mono_time last) const { return circuit_.is_open_or_opened_after(last); }

  // The fleet's part, as in circuit.
  void share(bool with_fleet) { circuit_.share(with_fleet); }
  [[nodiscard]] bool has_report() const { return circuit_.has_report(); }
  [[nodiscard]] circuit_report report(bool waits, mono_time now) { return circuit_.report(waits, now); }
  // The way of another gateway to the upstream may be broken: its word counts once an exchange of this one has failed, too.
  bool take(const circuit_word* word, std::uint64_t newest, mono_time now) {
    bool const was_open = is_open();
    bool const changed = circuit_.take(word, failures_ > 0, newest, now);  // defence: own-failure-first
    if (was_open && !is_open()) {
      failures_ = 0;
      alone_.reset();
    }
    return changed;
  }

private:
  [[nodiscard]] bool is_only_of_others(std::uint64_t client) const { return alone_ && *alone_ != client; }  // defence: breaker-per-client

  circuit circuit_;
  unsigned failures_ = 0;               // in a row
  std::optional<std::uint64_t> alone_;  // the client of all failures, while it is the only one
};

}  // namespace gateway
