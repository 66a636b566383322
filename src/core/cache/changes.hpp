// How often each call was changed through this gateway. An entry that was fetched under another count may show an older state. The counts
// are a fixed table that is addressed by the call's keyed hash: clients cannot make it grow or choose a slot, and a change costs the
// same however many entries are stored. Two calls may share a slot: a change of one then costs a new fetch of the other.
// Thread rule: any thread, without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gateway {

class call_changes {
public:
  // Call it after the change and before the client gets the answer. `call_bits`: of its cache_key.
  void note(std::uint64_t call_bits) { counts_[slot_of(call_bits)].fetch_add(1, std::memory_order_acq_rel); }
  [[nodiscard]] std::uint32_t of(std::uint64_t call_bits) const { return counts_[slot_of(call_bits)].load(std::memory_order_acquire); }

private:
  static constexpr unsigned slot_bits = 14;
  static constexpr std::size_t slot_of(std::uint64_t call_bits) { return call_bits >> (64 - slot_bits); }

  std::array<std::atomic<std::uint32_t>, std::size_t{1} << slot_bits> counts_{};  // 64 KiB
};

}  // namespace gateway
