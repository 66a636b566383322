// How often calls were changed through this gateway: what was fetched under another number may show an older state. A fixed table of
// counts, addressed by the call's keyed hash: whoever changes calls makes it no larger and chooses no place, and a change costs the same
// however much is kept. Two calls may share a place, which costs the one a new fetch when the other is changed.
// Thread rule: any thread, without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gateway {

class call_changes {
public:
  // After the change, before anybody is told of it. `call_bits`: of its cache_key.
  void note(std::uint64_t call_bits) { counts_[place_of(call_bits)].fetch_add(1, std::memory_order_acq_rel); }
  [[nodiscard]] std::uint32_t of(std::uint64_t call_bits) const { return counts_[place_of(call_bits)].load(std::memory_order_acquire); }

private:
  static constexpr unsigned place_bits = 14;
  static constexpr std::size_t place_of(std::uint64_t call_bits) { return call_bits >> (64 - place_bits); }

  std::array<std::atomic<std::uint32_t>, std::size_t{1} << place_bits> counts_{};  // 64 KiB
};

}  // namespace gateway
