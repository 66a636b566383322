// The rules of the settings fleet.*, and the engine's address in them.
// Thread rule: pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/fleet/engine_address.hpp"
#include "core/settings/settings.hpp"

namespace gateway {

// redis://HOST[:PORT], rediss://HOST[:PORT], both perhaps with a "/" at the end, or unix:/PATH.
std::optional<engine_address> parse_engine_url(std::string_view url);

// The Sentinels of valid settings.
std::vector<engine_address> sentinels_of(const sentinel_settings& s);

// Passes the key and the text of each problem to `report`.
void validate_fleet(const fleet_settings& s, const std::function<void(const std::string& key, std::string text)>& report);

}  // namespace gateway
