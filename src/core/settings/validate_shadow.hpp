// The rules of the settings shadow.*.
// Thread rule: pure function.
#pragma once

#include <functional>
#include <string>

#include "core/settings/settings.hpp"

namespace gateway {

// Passes the key and the text of each problem to `report`. `present`: the sharing that is in force.
void validate_shadow(const shadow_settings& s, const credential_settings& present,
                     const std::function<void(const std::string& key, std::string text)>& report);

}  // namespace gateway
