// Which credentials are proved: by an answer of the upstream that only an authenticated request gets (core/upstream/standing). A proof
// counts from the moment its request was sent, and ends after a time; a refusal since then ends it, too (core/auth/refusals). Only what
// the upstream accepts comes in here, so that invented credentials, however many, push nobody out.
// Thread rule: none of its own; whoever shares it locks around it (app/sharded). Time rule: moments are arguments.
#pragma once

#include <chrono>

#include "core/auth/moments.hpp"

namespace gateway {

class proofs {
public:
  // Beyond `most` the one that was given or used the longest time ago is forgotten: its credential has to prove itself again.
  proofs(std::size_t most, std::chrono::nanoseconds lifetime) : asked_(most), lifetime_(lifetime) {}
  // For what is proved already, too.
  void set_lifetime(std::chrono::nanoseconds lifetime) { lifetime_ = lifetime; }

  // `asked_at`: when the request was sent whose answer proves it.
  void give(const partition& who, mono_time asked_at) { asked_.note(who, asked_at); }
  // Of what was asked until then.
  void end(const partition& who, mono_time refused_at) {
    if (auto const asked_at = asked_.find(who); asked_at && *asked_at <= refused_at) asked_.erase(who);
  }

  // Since when it is proved; nullopt: it is not, or not any more.
  [[nodiscard]] std::optional<mono_time> find(const partition& who, mono_time now) {
    auto const asked_at = asked_.find(who);
    if (!asked_at || now - *asked_at >= lifetime_) return std::nullopt;
    asked_.use(who);
    return asked_at;
  }
  // Whether it was ever, as far as that is remembered.
  [[nodiscard]] bool knows(const partition& who) const { return asked_.find(who).has_value(); }

  [[nodiscard]] std::size_t size() const { return asked_.size(); }

private:
  moments asked_;
  std::chrono::nanoseconds lifetime_;
};

}  // namespace gateway
