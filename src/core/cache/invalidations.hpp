// Invalidations of entries (RFC 9111 §4.4): the credential has written to the call, or a client was given a newer answer that is not
// stored. An answer to a request from before that moment is delivered but not stored. The moments are a fixed table that is addressed by
// the entry's keyed hash. Two entries may share a slot, which can cost a fetch whose answer is not stored.
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
  // Answers to requests from before `moment` must not be stored.
  void note(const cache_key& key, mono_time moment) {
    auto& slot = moments_[slot_of(key)];
    auto known = slot.load(std::memory_order_relaxed);
    auto const later = moment.time_since_epoch().count();
    while (known < later && !slot.compare_exchange_weak(known, later, std::memory_order_acq_rel)) continue;
  }
  [[nodiscard]] bool covers(const cache_key& key, mono_time asked_at) const {
    return asked_at.time_since_epoch().count() < moments_[slot_of(key)].load(std::memory_order_acquire);
  }

private:
  static constexpr unsigned slot_bits = 13;
  // The upper bits of the product depend on all bits of the hash.
  static std::size_t slot_of(const cache_key& key) { return (key.bits_of_all_spellings() * 0x9e3779b97f4a7c15) >> (64 - slot_bits); }

  std::array<std::atomic<mono_time::rep>, std::size_t{1} << slot_bits> moments_{};  // 64 KiB
};

}  // namespace gateway
