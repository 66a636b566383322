// The state of the budgets that a fleet shares, for operators.
// Thread rule: a value.
#pragma once

#include <cstdint>

namespace gateway {

struct budget_figures {
  bool alone = false;          // the engine cannot be asked: this gateway goes on with its part
  std::uint64_t gateways = 1;  // that share the budgets, this one included
};

}  // namespace gateway
