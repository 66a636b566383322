// Checks that need more than one value's syntax: addresses and URLs that must be parsed, and settings that depend on each other.
// Thread rule: pure function.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings/load.hpp"

namespace gateway {

// A held reader is answered within its request's time, also if its first exchange took long: the longest polling.max_hold.
span longest_hold(const settings& s);

// Adds each problem that it finds; `lines` gives the line of each key.
void validate(const settings& s, const std::map<std::string, int>& lines, std::vector<problem>& problems);

inline constexpr std::string_view endpoint_forms = "must be ADDRESS:PORT, [ADDRESS]:PORT or unix:/PATH, not ";

// A value for a problem's text: shortened, and without terminal control characters.
std::string in_quotes(std::string_view text);

}  // namespace gateway
