// The limits of one account at this moment, for operators. Thread rule: a value.
#pragma once

#include <cstdint>
#include <vector>

#include "core/limit/circuit_figures.hpp"

namespace gateway {

struct account_figures {
  std::uint64_t account = 0;
  std::uint64_t limit = 0;  // exchanges at once, as learnt
  std::uint64_t in_flight = 0;
  std::uint64_t waiting = 0;
  std::vector<circuit_figures> circuits{};  // its own that are not closed
};

}  // namespace gateway
