// What the machine, the container and the affinity of this process leave to it.
// Thread rule: any thread; small files of the kernel are read.
#pragma once

#include <string>

#include "core/settings/machine.hpp"

namespace gateway {

// `root`: where /proc and the mounts are looked for; "" but in tests.
machine_bounds read_machine(const std::string& root = "");

// The name of this host, in a container the container's; "" if it has none.
std::string host_name();

}  // namespace gateway
