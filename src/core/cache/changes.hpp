// How often calls were changed through this gateway: what was fetched under another number may show an older state. A fixed table of
// counts, addressed by the call: whoever changes calls makes it no larger, and a change costs the same however much is kept. Two calls
// may share a place, which costs the one a new fetch when the other is changed.
// Thread rule: any thread, without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "core/base/ids.hpp"

namespace gateway {

class call_changes {
public:
  // After the change, before anybody is told of it.
  void note(const call_sid& call) { counts_[place_of(call)].fetch_add(1, std::memory_order_acq_rel); }
  [[nodiscard]] std::uint32_t of(const call_sid& call) const { return counts_[place_of(call)].load(std::memory_order_acquire); }

private:
  static constexpr unsigned place_bits = 14;
  static std::size_t place_of(const call_sid& call);

  std::array<std::atomic<std::uint32_t>, std::size_t{1} << place_bits> counts_{};  // 64 KiB
};

}  // namespace gateway
