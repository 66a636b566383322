// The settings that differ between two configurations, by their keys in the file.
// Thread rule: pure function.
#pragma once

#include <string>
#include <vector>

#include "core/settings/settings.hpp"

namespace gateway {

// "upstream.timeout", "listeners": in the order of the file.
std::vector<std::string> differing_keys(const settings& a, const settings& b);

}  // namespace gateway
