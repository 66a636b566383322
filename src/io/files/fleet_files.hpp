// The files that the settings fleet.* name: the keys of the fleet and the password for its engine.
// Thread rule: any thread; the files are read at once.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/secret.hpp"
#include "core/fleet/fleet_keys.hpp"
#include "core/settings/settings.hpp"

namespace gateway {

// nullopt and a sentence: the file cannot be used. `upstream`: the host whose answers the fleet shares.
std::optional<fleet_keys> read_fleet_keys(const std::string& path, std::string_view upstream, std::string& why_not);
// Empty and a sentence: the file cannot be used. Empty without one: no file is set.
secret read_engine_password(const std::string& path, std::string& why_not);

// The keys of the settings' fleet; nullopt: they name none. Throws std::runtime_error if the file cannot be used.
std::optional<fleet_keys> fleet_keys_of(const settings& values);

// Passes the key and the text of each problem to `report`.
void check_fleet_files(const settings& values, const std::function<void(const std::string& key, std::string text)>& report);

}  // namespace gateway
