// Which hits tell the shadow nothing new: the same credential asked for the same call a moment ago, and got it from the cache. Each policy
// would have answered them, too. A slot holds the last request of its hash; a collision only shows the shadow one request more.
// Thread rule: none of its own. Time rule: `now` is an argument.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "core/base/time.hpp"

namespace gateway {

class repeat_filter {
public:
  // `hash`: of the call and the credential. False: the request counts as shown now.
  bool is_repeat(std::uint64_t hash, mono_time now, std::chrono::milliseconds within) {
    auto const ms = static_cast<std::uint32_t>(std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
    auto& last = slots_[hash >> (64 - slot_bits)];
    auto const tag = static_cast<std::uint32_t>(hash);
    if (last.tag == tag && ms - last.shown_ms < static_cast<std::uint64_t>(within.count())) return true;
    last = {tag, ms};
    return false;
  }

private:
  static constexpr int slot_bits = 14;  // 128 KB: a place for each sampled call
  struct slot {
    std::uint32_t tag = 0;
    std::uint32_t shown_ms = 0;
  };
  std::array<slot, std::size_t{1} << slot_bits> slots_{};
};

}  // namespace gateway
