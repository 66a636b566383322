// Runs `summary-gateway ctl`: finds the gateway, asks it, prints the answer.
// Thread rule: main thread of a process that does nothing else.
#pragma once

#include <string_view>
#include <vector>

namespace gateway {

inline constexpr int bad_usage = 64;  // EX_USAGE

// The words behind `ctl`. The exit status: 0 done, 1 refused, 64 bad usage or settings, 69 not reachable.
int run_ctl(const std::vector<std::string_view>& words);

}  // namespace gateway
