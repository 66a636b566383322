// Several upstreams in one process: the section `upstream`, and the entries of `upstreams` with their names.
// Thread rule: pure functions.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/settings/settings.hpp"

namespace gateway {

// What files, metrics and the log call the section `upstream` where there are others.
inline constexpr std::string_view name_of_plain = "default";

// "" is the section's.
inline std::string_view shown_upstream(std::string_view name) { return name.empty() ? name_of_plain : name; }

// What an entry of `upstreams` has from the section until it says otherwise. Where it leads is its own.
upstream_settings another_upstream(const upstream_settings& plain);

// Call it once all is read. `lines`: of the keys in the file.
void complete_upstreams(settings& s, const std::map<std::string, int>& lines);

// All upstreams, the section's first.
std::vector<const upstream_settings*> all_upstreams(const settings& s);
// The one of that name; the section's if there is none.
const upstream_settings& upstream_named(const settings& s, std::string_view name);

// What the keys of one of them begin with: "upstream." or "upstreams[0].".
std::string key_of_upstream(const settings& s, const upstream_settings& one);

void validate_upstreams(const settings& s, const std::function<void(const std::string& key, std::string text)>& report);

// Why a running gateway cannot go on with the next settings' upstreams; empty if it can.
std::vector<std::string> upstreams_needing_restart(const settings& now, const settings& next);

}  // namespace gateway
