// One account of mode inject in metrics. Its name is the operator's, so no client and no upstream can make more of them.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <string>

#include "core/limit/account_figures.hpp"

namespace gateway {

struct account_standing {
  // So many accounts of the settings are shown, the first ones: each has nine series.
  static constexpr std::size_t most = 100;

  std::string name;
  account_figures is;
  bool credential_refused = false;
};

}  // namespace gateway
