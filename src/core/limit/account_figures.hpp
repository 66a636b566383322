// The limits of one account at this moment, for operators. Thread rule: a value.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "core/limit/circuit_figures.hpp"

namespace gateway {

struct account_figures {
  using sort = circuit_name::sort;

  std::uint64_t account = 0;
  std::uint64_t limit = 0;  // exchanges at once, as learnt or as an operator holds it
  std::uint64_t in_flight = 0;
  std::uint64_t waiting = 0;
  std::vector<circuit_figures> circuits{};  // those that are not closed

  [[nodiscard]] bool is_cooling_down() const { return has(sort::cool_down) || has(sort::pause); }
  [[nodiscard]] bool is_broken() const { return has(sort::breaker) || has(sort::host); }
  // Until a probe may pass each of the circuits. 0: at once, or none is open.
  [[nodiscard]] std::chrono::nanoseconds probe_in() const {
    std::chrono::nanoseconds longest{0};
    for (auto const& one : circuits) longest = std::max(longest, one.probe_in);
    return longest;
  }

private:
  [[nodiscard]] bool has(sort what) const {
    return std::ranges::any_of(circuits, [&](auto const& one) { return one.whose.is == what; });
  }
};

}  // namespace gateway
