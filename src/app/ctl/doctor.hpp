// Runs `summary-gateway ctl doctor`: looks at all that the settings name, beside the gateway, and says what is wrong.
// Thread rule: main thread of a process that does nothing else.
#pragma once

#include <string_view>
#include <vector>

namespace gateway {

// The words behind `ctl`. The exit status: 0 nothing failed, 1 something did, 64 bad usage.
int run_doctor(const std::vector<std::string_view>& words);

}  // namespace gateway
