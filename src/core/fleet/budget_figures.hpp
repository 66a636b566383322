// The state of the budgets and circuits that a fleet shares, for operators.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/limit/circuit_figures.hpp"

namespace gateway {

struct budget_figures {
  struct named_circuit {
    std::string account;  // its name in the engine; "": the host's circuit
    circuit_figures is;
    std::string upstream{};  // its name, if there are several
  };
  bool alone = false;          // the engine cannot be asked: this gateway goes on with its part
  std::uint64_t gateways = 1;  // that share the budgets, this one included
  std::vector<named_circuit> circuits{};
};

// Adds the circuits to `text`, as a list.
void append_circuits(std::string& text, const budget_figures& from);

}  // namespace gateway
