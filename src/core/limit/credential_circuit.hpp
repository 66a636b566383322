// Mode inject: whether the upstream refuses the credential that the gateway holds for an account, and when it is asked again.
//   accepted   requests pass
//   doubted    refused once: what is stored is hidden, and only probes pass
//   refused    a probe that was sent `until_sure` later, or after that, was refused, too: what is stored is erased, and only probes pass
// One odd refusal must not empty the cache of an account, and a stored answer must not outlive the right to see it by more than seconds.
// A success ends both, if its request was sent after the last refusal. Probes are sent at the pace of a circuit breaker.
// Thread rule: none of its own; the owner locks (app/state/refused_accounts). Time rule: moments and chance are arguments.
#pragma once

#include <cstdint>

#include "core/limit/circuit.hpp"

namespace gateway {

class credential_circuit {
public:
  enum class state : std::uint8_t { accepted, doubted, refused };
  static constexpr std::chrono::seconds until_sure{5};

  explicit credential_circuit(const backoff_policy& policy) : policy_(policy) {}

  [[nodiscard]] state is() const { return is_; }
  // Whether a request may be sent now, at least as a probe.
  [[nodiscard]] bool lets_pass(mono_time now) const { return is_ == state::accepted || now >= next_probe_; }
  // The same for a request that is being sent. If it is a probe, the next one has to wait, whatever becomes of this one.
  bool send(mono_time now);

  // Both return whether the state is another one now. `asked_at`: when the request was sent. The answer to a request that was sent before
  // the last change says nothing new.
  bool note_refusal(mono_time asked_at, double chance, mono_time now);
  bool note_success(mono_time asked_at);
  // Another credential takes the place of this one: the next request is a probe, at once.
  void try_now(mono_time now);

private:
  backoff_policy policy_;
  state is_ = state::accepted;
  unsigned streak_ = 0;                       // refusals in a row, without those of one moment
  mono_time doubted_at_{};                    // the first of these refusals
  mono_time known_since_ = mono_time::min();  // older requests say nothing new
  std::chrono::nanoseconds pause_{0};         // between two probes
  mono_time next_probe_{};
};

}  // namespace gateway
