// When the upstream last refused each credential: a proof or an answer that a credential got before that moment no longer counts.
// The table is exact and bounded. A refusal that is forgotten for want of room still counts: a credential that is not in the table counts
// as refused up to the latest forgotten moment. Other credentials may lose older answers by that, but none gains a right.
// Thread rule: refusals: none of its own, the owner locks around it; refusal_hints: any thread, without a lock (both: app/shared_refusals).
// Time rule: moments are arguments.
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
  // Whether the credential was refused at that moment or after it.
  [[nodiscard]] bool since(const partition& who, mono_time moment) const {
    return refused_.find(who).value_or(refused_.forgotten()) >= moment;  // defence: forgotten-refusals
  }
  [[nodiscard]] std::size_t size() const { return refused_.size(); }

private:
  moments refused_;
};

// A fixed table of moments, indexed by the credential's fingerprint. It spares most credentials that were never refused the exact table,
// which costs a lock. Credentials may share a slot: a hint says "perhaps" or "certainly not".
class refusal_hints {
public:
  refusal_hints() {
    for (auto& one : last_) one.store(mono_time::min().time_since_epoch().count(), std::memory_order_relaxed);
  }

  // Call it after the refusal is noted in the exact table.
  void note(const partition& who, mono_time at);
  // False: the credential certainly was not refused at that moment or after it.
  [[nodiscard]] bool perhaps_since(const partition& who, mono_time moment) const;

private:
  static constexpr std::size_t places = 16 * 1024;  // 128 KiB
  static std::size_t place_of(const partition& who);

  std::array<std::atomic<mono_time::rep>, places> last_;
};

}  // namespace gateway
