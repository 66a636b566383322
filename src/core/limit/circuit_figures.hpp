// A circuit that is not closed, for operators. Thread rule: a value.
#pragma once

#include <chrono>

#include "core/limit/circuit_share.hpp"

namespace gateway {

struct circuit_figures {
  circuit_name whose;
  bool half_open = false;            // a probe may pass
  std::chrono::nanoseconds since{};  // so long it has not been closed here
  circuit_word::prober probe = circuit_word::prober::none;
};

}  // namespace gateway
