// The /metrics page, in the two formats that scrapers request, and the reference page for it. All are made from metric_table().
// Sources: Prometheus exposition format 0.0.4; OpenMetrics 1.0.
// Thread rule: pure functions.
#pragma once

#include <string>

#include "core/request/field_lines.hpp"
#include "core/telemetry/metrics_snapshot.hpp"

namespace gateway {

inline constexpr std::string_view prometheus_type = "text/plain; version=0.0.4; charset=utf-8";
std::string prometheus_text(const metrics_snapshot& now);

inline constexpr std::string_view openmetrics_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
std::string openmetrics_text(const metrics_snapshot& now);

// Whether a scraper with this Accept gets OpenMetrics. A scraper that takes neither format gets the text: a 406 would end its scrapes.
bool prefers_openmetrics(const field_lines& accept);

// deploy/docs/metrics.md.
std::string metrics_reference();

}  // namespace gateway
