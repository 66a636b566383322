// What a value cannot show by itself: addresses and URLs that must be parsed, and settings that only make sense together.
// Thread rule: pure function.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings/load.hpp"

namespace gateway {

// Adds a problem for each; `lines` says where the keys stand.
void validate(const settings& s, const std::map<std::string, int>& lines, std::vector<problem>& problems);

// A value as it may be shown in a problem: shortened, and without what a terminal would obey.
std::string in_quotes(std::string_view text);

}  // namespace gateway
