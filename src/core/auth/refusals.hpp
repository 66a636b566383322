// When the upstream last refused each credential: nothing that a credential proved or fetched before that moment counts any more.
// Exact and bounded. What is forgotten for want of room is not forgiven: whoever is not in the table counts as refused up to the latest
// moment that was forgotten. That costs others their older answers, and never gives anybody a right.
// Thread rule: refusals: none of its own, whoever shares it locks around it; refusal_hints: any thread, without a lock (both:
// app/shared_refusals). Time rule: moments are arguments.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

#include "core/auth/moments.hpp"

namespace gateway {

class refusals {
public:
  explicit refusals(std::size_t most) : refused_(most) {}

  void note(const partition& who, mono_time at) { refused_.note(who, at); }
  // Whether it was refused at that moment or after it.
  [[nodiscard]] bool since(const partition& who, mono_time moment) const {
    return refused_.find(who).value_or(refused_.forgotten()) >= moment;  // defence: forgotten-refusals
  }
  [[nodiscard]] std::size_t size() const { return refused_.size(); }

private:
  moments refused_;
};

// A fixed table of moments, addressed by the credential's fingerprint, so that most who were never refused need not ask the exact one,
// which costs a lock. Credentials may share a place: a hint says "perhaps" or "certainly not".
class refusal_hints {
public:
  refusal_hints() {
    for (auto& one : last_) one.store(mono_time::min().time_since_epoch().count(), std::memory_order_relaxed);
  }

  // After it is noted in the exact table.
  void note(const partition& who, mono_time at);
  // False: it certainly was not refused at that moment or after it.
  [[nodiscard]] bool perhaps_since(const partition& who, mono_time moment) const;

private:
  static constexpr std::size_t places = 16 * 1024;  // 128 KiB
  static std::size_t place_of(const partition& who);

  std::array<std::atomic<mono_time::rep>, places> last_;
};

}  // namespace gateway
