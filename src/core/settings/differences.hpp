// Which settings two configurations do not share, by the keys as they stand in the file.
// Thread rule: pure function.
#pragma once

#include <string>
#include <vector>

#include "core/settings/settings.hpp"

namespace gateway {

// "upstream.timeout", "listeners": in the order of the file.
std::vector<std::string> differing_keys(const settings& a, const settings& b);

}  // namespace gateway
