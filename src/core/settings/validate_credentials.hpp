// Checks the settings under `credentials` together with the listeners: every account and client must be of use, and no unintended client
// may gain access.
// Thread rule: pure function.
#pragma once

#include "core/settings/validate.hpp"

namespace gateway {

// Adds each problem that it finds; `lines` gives the line of each key.
void validate_credentials(const settings& s, const std::map<std::string, int>& lines, std::vector<problem>& problems);

}  // namespace gateway
