// What the kernel knows about this process and what it lets it have.
// Thread rule: any thread.
#pragma once

#include "core/telemetry/prometheus.hpp"

namespace gateway {

// For the usual process_* metrics.
void add_process_figures(metrics_snapshot& to);

// Raises the soft limit of open files towards `wanted`, as far as the hard limit allows; the limit that now holds.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

}  // namespace gateway
