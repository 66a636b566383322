// What the kernel knows about this process, for the usual process_* metrics.
// Thread rule: any thread.
#pragma once

#include "core/telemetry/prometheus.hpp"

namespace gateway {

void add_process_figures(metrics_snapshot& to);

}  // namespace gateway
