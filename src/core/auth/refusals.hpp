// When the upstream last refused each credential: nothing that a credential proved or fetched before that moment counts any more.
// A fixed table of moments, addressed by the credential's fingerprint: whoever sends invented credentials makes it no larger. Two
// credentials may share a place, which costs the one a new fetch when the other is refused, and never gives it a right.
// Thread rule: any thread, without a lock. Time rule: moments are arguments.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

#include "core/auth/partition.hpp"
#include "core/base/time.hpp"

namespace gateway {

class refusals {
public:
  refusals() {
    for (auto& one : last_) one.store(mono_time::min().time_since_epoch().count(), std::memory_order_relaxed);
  }

  void note(const partition& who, mono_time at);
  // Whether it was refused at that moment or after it.
  [[nodiscard]] bool since(const partition& who, mono_time moment) const;

private:
  // 128 KiB. Among 100 good credentials a refused one disturbs one of them with a probability of 1 in 160.
  static constexpr std::size_t places = 16 * 1024;
  static std::size_t place_of(const partition& who);

  std::array<std::atomic<mono_time::rep>, places> last_;
};

}  // namespace gateway
