// Until when what was asked about an entry may be older than something that is known already: its credential is writing to the call, or a
// reader was given a newer answer that is not kept. Answers under way at that moment are delivered but not kept. A fixed table of
// moments, addressed by the entry's keyed hash; two entries may share a place, which costs the one a fetch that is not kept.
// Thread rule: any thread, without a lock. Time rule: moments are arguments.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/base/time.hpp"
#include "core/cache/key.hpp"

namespace gateway {

class entry_invalidations {
public:
  // What was asked before `moment` is not to be kept.
  void note(const cache_key& key, mono_time moment) {
    auto& place = moments_[place_of(key)];
    auto known = place.load(std::memory_order_relaxed);
    auto const later = moment.time_since_epoch().count();
    while (known < later && !place.compare_exchange_weak(known, later, std::memory_order_acq_rel)) continue;
  }
  [[nodiscard]] bool covers(const cache_key& key, mono_time asked_at) const {
    return asked_at.time_since_epoch().count() < moments_[place_of(key)].load(std::memory_order_acquire);
  }

private:
  static constexpr unsigned place_bits = 13;
  // The upper bits of a product depend on all below them.
  static constexpr std::size_t place_of(const cache_key& key) { return (key.hash * 0x9e3779b97f4a7c15) >> (64 - place_bits); }

  std::array<std::atomic<mono_time::rep>, std::size_t{1} << place_bits> moments_{};  // 64 KiB
};

}  // namespace gateway
