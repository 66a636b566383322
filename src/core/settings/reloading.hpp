// Which settings a running gateway applies on a reload (SIGHUP, POST /api/reload), according to the settings table. A change of any other
// setting requires a restart.
// Thread rule: pure function.
#pragma once

#include <string_view>

namespace gateway {

// `key` as in the settings file: "upstream.timeout".
bool is_live(std::string_view key);

}  // namespace gateway
