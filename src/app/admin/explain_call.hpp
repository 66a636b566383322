// What the admin listener's explain needs, gathered from what all workers share.
// Thread rule: any thread.
#pragma once

#include <string>

#include "app/state/shared_state.hpp"

namespace gateway {

std::string explain_call(const shared_state& shared, const settings& config, const call_sid& call, processing_state state);

}  // namespace gateway
