// Which hits tell the shadow nothing new: the same credential asked for the same call a moment ago, and got it from the cache. Each policy
// would have answered them, too. A set of the table is one line of the processor's cache. A full set forgets what it was shown first, which
// only shows the shadow one request more.
// Thread rule: none of its own. Time rule: `now` is an argument.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>

#include "core/base/time.hpp"

namespace gateway {

class repeat_filter {
public:
  // Moments are kept in 16 bits: an age is right up to 2.3 hours.
  using tick = std::chrono::duration<std::int64_t, std::ratio<128, 1000>>;
  static constexpr std::size_t ways = 16;
  static constexpr int set_bits = 11;

  // Starts to read the call's set from memory, so that is_repeat() does not wait for it a moment later.
  void expect(std::uint64_t call) const { __builtin_prefetch(&sets_[set_of(call)]); }

  // `call`: a keyed hash of it, `who`: any of the credential. False: the request counts as shown now.
  bool is_repeat(std::uint64_t call, std::uint64_t who, mono_time now, std::chrono::milliseconds within) {
    auto const moment = static_cast<std::uint16_t>(std::chrono::floor<tick>(now.time_since_epoch()).count());
    auto const age = [&](std::uint16_t shown) { return static_cast<std::uint16_t>(moment - shown); };  // right when the ticks wrap
    auto const tag = static_cast<std::uint16_t>((mixed(call ^ who) >> 48) | 1);                        // 0: the place is free
    auto& set = sets_[set_of(call)];
    auto place = static_cast<std::size_t>(std::ranges::find(set.tags, tag) - set.tags.begin());
    if (place < ways && age(set.shown[place]) < std::chrono::floor<tick>(within).count()) return true;
    if (place == ways) place = static_cast<std::size_t>(std::ranges::find(set.tags, std::uint16_t{0}) - set.tags.begin());
    if (place == ways) place = static_cast<std::size_t>(std::ranges::max_element(set.shown, {}, age) - set.shown.begin());
    set.tags[place] = tag;
    set.shown[place] = moment;
    return false;
  }

private:
  static constexpr std::size_t set_of(std::uint64_t call) { return call >> (64 - set_bits); }
  static constexpr std::uint64_t mixed(std::uint64_t bits) { return bits * 0x9E37'79B9'7F4A'7C15U; }
  struct alignas(64) set {
    std::array<std::uint16_t, ways> tags{};
    std::array<std::uint16_t, ways> shown{};
  };
  std::array<set, std::size_t{1} << set_bits> sets_{};
};

}  // namespace gateway
