// Repetitions are at most a tenth of what is asked: when much fails, repeating it is what keeps it failing. A start is granted, so that
// all connections may die at once, or a first limit be far too high, without a reader noticing.
// Thread rule: none of its own; whoever shares it locks around it.
#pragma once

#include <algorithm>
#include <cstdint>

namespace gateway {

class retry_budget {
public:
  explicit retry_budget(std::uint64_t start) : most_(start * cost), saved_(most_) {}

  void note_request() { saved_ = std::min(saved_ + 1, most_); }
  bool spend() {
    if (saved_ < cost) return false;
    saved_ -= cost;
    return true;
  }

private:
  static constexpr std::uint64_t cost = 10;  // requests that pay for one repetition
  std::uint64_t most_;
  std::uint64_t saved_;
};

}  // namespace gateway
