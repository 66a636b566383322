// THE list of metrics: /metrics, deploy/docs/metrics.md and the tests of names and labels are made from it.
// Thread rule: constant.
#pragma once

#include <span>
#include <string_view>

#include "core/telemetry/metric_family.hpp"
#include "core/telemetry/metrics_snapshot.hpp"

namespace gateway {

struct metric_row {
  std::string_view name;    // ends with its unit; a counter's with _total
  std::string_view kind;    // counter, gauge or histogram
  std::string_view labels;  // their names, separated by commas; no client can choose their values
  std::string_view prose;
  void (*write)(metric_family&, const metrics_snapshot&);
};

std::span<const metric_row> metric_table();

}  // namespace gateway
