// When bulk has a turn although interactive requests wait: the least share of the turns that it gets while both wait.
// Thread rule: a value.
#pragma once

#include <algorithm>
#include <cstdint>

namespace gateway {

class bulk_turns {
public:
  void set_share(std::uint64_t percent) {
    percent_ = std::min(percent, whole);
    owed_ = std::min(owed_, whole);
  }
  // Whether the next turn is bulk's, if both wait.
  [[nodiscard]] bool is_due() const { return owed_ + percent_ >= whole; }  // defence: bulk-least
  void interactive_went() { owed_ = std::min(owed_ + percent_, whole); }
  void bulk_went() { owed_ -= std::min(owed_, whole - percent_); }

  // How many requests of class bulk keep their place when the queue is full, if so many of both classes wait. One at least: without a place
  // there is no turn.
  [[nodiscard]] std::size_t places_of(std::size_t waiting) const {
    return percent_ == 0 ? 0 : std::max<std::size_t>(waiting * percent_ / whole, 1);
  }

private:
  static constexpr std::uint64_t whole = 100;

  std::uint64_t percent_ = 0;
  std::uint64_t owed_ = 0;  // hundredths of a turn
};

}  // namespace gateway
