// The proved credentials: the upstream has given each an answer that only an authenticated request gets
// (core/upstream/credential_evidence). A proof counts from the moment its request was sent and ends after its lifetime, or by a later
// refusal (core/auth/refusals). Only credentials that the upstream accepts are stored, so any number of invented credentials displaces none
// of them.
// Thread rule: none of its own; the owner locks around it (app/sharded). Time rule: moments are arguments.
#pragma once

#include <chrono>

#include "core/auth/moments.hpp"

namespace gateway {

class proofs {
public:
  // Beyond `most` the least recently proved or used credential is forgotten and has to prove itself again.
  proofs(std::size_t most, std::chrono::nanoseconds lifetime) : asked_(most), lifetime_(lifetime) {}
  // Applies to existing proofs, too.
  void set_lifetime(std::chrono::nanoseconds lifetime) { lifetime_ = lifetime; }

  // `asked_at`: when the request was sent whose answer proves the credential.
  void give(const partition& who, mono_time asked_at) { asked_.note(who, asked_at); }
  // Ends a proof whose request was sent at `refused_at` or before.
  void end(const partition& who, mono_time refused_at) {
    if (auto const asked_at = asked_.find(who); asked_at && *asked_at <= refused_at) asked_.erase(who);
  }

  // The moment since which the credential is proved; nullopt: it is not, or its proof has expired.
  [[nodiscard]] std::optional<mono_time> find(const partition& who, mono_time now) {
    auto const asked_at = asked_.find(who);
    if (!asked_at || now - *asked_at >= lifetime_) return std::nullopt;
    asked_.use(who);
    return asked_at;
  }
  // Whether a proof is still remembered, even an expired one.
  [[nodiscard]] bool knows(const partition& who) const { return asked_.find(who).has_value(); }

  [[nodiscard]] std::size_t size() const { return asked_.size(); }

private:
  moments asked_;
  std::chrono::nanoseconds lifetime_;
};

}  // namespace gateway
