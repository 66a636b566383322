// What the settings under `credentials` mean together and beside the listeners: every account and client must be of use, and nobody
// may come in who was not meant to.
// Thread rule: pure function.
#pragma once

#include "core/settings/validate.hpp"

namespace gateway {

// Adds a problem for each; `lines` says where the keys stand.
void validate_credentials(const settings& s, const std::map<std::string, int>& lines, std::vector<problem>& problems);

}  // namespace gateway
