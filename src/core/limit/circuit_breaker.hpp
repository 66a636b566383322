// A circuit breaker: after several failures in a row it opens, and from then on one probe at a time asks whether the upstream is back.
// A client whose requests alone failed opens it for itself only: nobody can break others off by asking for what the upstream fails at.
// Thread rule: none of its own; whoever shares it locks around it. Time rule: `now` is an argument; so is chance.
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

  [[nodiscard]] state look(std::uint64_t client, mono_time now) const { return concerns(client) ? circuit_.look(now) : state::closed; }
  [[nodiscard]] bool is_open() const { return !circuit_.is_closed(); }
  [[nodiscard]] mono_time half_open_at() const { return circuit_.half_open_at(); }

  // One goes out: true if it is the probe, whose end must be told.
  bool send(std::uint64_t client, mono_time now) {
    bool const probes = look(client, now) == state::half_open;
    if (probes) circuit_.begin_probe();
    return probes;
  }
  void end_probe() { circuit_.end_probe(); }

  // `sent`, `newest`: as circuit numbers exchanges.
  void note_success(std::uint64_t sent) {
    failures_ = 0;
    circuit_.close(sent);
    if (circuit_.is_closed()) alone_.reset();
  }
  // True if it opened now, or opened for more clients.
  bool note_failure(std::uint64_t client, std::uint64_t sent, std::uint64_t newest, unsigned to_open, double chance, mono_time now) {
    if (failures_ == 0 && circuit_.is_closed()) alone_ = client;
    bool const another = alone_ && *alone_ != client;
    if (another) alone_.reset();
    ++failures_;
    if (circuit_.is_closed() && failures_ < to_open) return false;
    return circuit_.open(sent, newest, std::chrono::nanoseconds{0}, chance, now) || another;
  }

private:
  [[nodiscard]] bool concerns(std::uint64_t client) const { return !alone_ || *alone_ == client; }

  circuit circuit_;
  unsigned failures_ = 0;               // in a row
  std::optional<std::uint64_t> alone_;  // the client of all of them, while it is the only one
};

}  // namespace gateway
