// THE list of metrics: what /metrics shows, what deploy/docs/metrics.md says and what tests hold names and labels to.
// Thread rule: constant.
#pragma once

#include <span>
#include <string_view>

#include "core/telemetry/metric_family.hpp"
#include "core/telemetry/metrics_snapshot.hpp"

namespace gateway {

struct metric_row {
  std::string_view name;    // ends with its unit, and counters with _total
  std::string_view kind;    // counter, gauge or histogram
  std::string_view labels;  // their names, with commas between; none has values that a stranger could choose
  std::string_view prose;
  void (*write)(metric_family&, const metrics_snapshot&);
};

std::span<const metric_row> metric_table();

}  // namespace gateway
