// Which settings a running gateway takes over (SIGHUP, POST /api/reload); a change of any other needs a restart. A new setting needs one
// until it is listed here.
// Thread rule: pure function.
#pragma once

#include <string_view>

namespace gateway {

// `key` as it stands in the file: "upstream.timeout".
bool is_live(std::string_view key);

}  // namespace gateway
