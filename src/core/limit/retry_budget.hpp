// The retry budget: retries are at most a tenth of all requests, because many retries keep an overloaded upstream overloaded.
// The budget starts full, so that clients notice nothing when all connections close at once or the first limit is far too high.
// Thread rule: none of its own; its owner locks.
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
  static constexpr std::uint64_t cost = 10;  // requests that pay for one retry
  std::uint64_t most_;
  std::uint64_t saved_;
};

}  // namespace gateway
