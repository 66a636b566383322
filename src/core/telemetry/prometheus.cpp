#include "core/telemetry/prometheus.hpp"

#include "core/request/accept.hpp"

#include "core/base/text.hpp"
#include "core/telemetry/metric_table.hpp"

namespace gateway {
namespace {

constexpr std::size_t usual_page = 64 * 1024;

std::string_view unit_of(std::string_view name) {
  if (name.ends_with("_total")) name.remove_suffix(6);
  for (std::string_view const unit : {"seconds", "bytes"}) {
    if (name.ends_with(unit)) return unit;
  }
  return {};
}

void describe(std::string& out, std::string_view family, const metric_row& row) {
  out.append("# HELP ").append(family).append(" ").append(row.prose).append("\n# TYPE ").append(family).append(" ").append(row.kind) +=
      '\n';
}

}  // namespace

std::string prometheus_text(const metrics_snapshot& now) {
  std::string out;
  out.reserve(usual_page);
  for (auto const& row : metric_table()) {
    describe(out, row.name, row);
    metric_family f{out, row.name};
    row.write(f, now);
  }
  return out;
}

// In OpenMetrics, a counter's family name has no _total, but its samples have it. The unit is declared beside the type.
std::string openmetrics_text(const metrics_snapshot& now) {
  std::string out;
  out.reserve(usual_page);
  for (auto const& row : metric_table()) {
    auto family = row.name;
    if (row.kind == "counter") family.remove_suffix(std::string_view{"_total"}.size());
    describe(out, family, row);
    if (auto const unit = unit_of(family); !unit.empty()) out.append("# UNIT ").append(family).append(" ").append(unit) += '\n';
    metric_family f{out, row.name, true};
    row.write(f, now);
  }
  return out += "# EOF\n";
}

bool prefers_openmetrics(const field_lines& accept) {
  auto const open = weight_of({"application/openmetrics-text", "1.0.0"}, accept);
  auto const plain = weight_of({"text/plain", "0.0.4"}, accept);
  return open.thousandths > plain.thousandths || (open.by_name && open.thousandths > 0 && open.thousandths == plain.thousandths);
}

std::string metrics_reference() {
  std::string out =
      "# Metrics\n"
      "`GET /metrics` of the admin listener answers in the Prometheus text format, or in OpenMetrics 1.0 if `Accept` prefers it.\n"
      "This page is generated from the table that produces the metrics (`src/core/telemetry/metric_table.cpp`). Clients and the upstream\n"
      "cannot choose the value of any label. [Reading the figures](operate.md#reading-the-figures) explains the values.\n\n"
      "| metric | kind | labels | meaning |\n|---|---|---|---|\n";
  for (auto const& row : metric_table())
    out.append("| `")
        .append(row.name)
        .append("` | ")
        .append(row.kind)
        .append(" | ")
        .append(row.labels)
        .append(" | ")
        .append(row.prose)
        .append(" |\n");
  out +=
      "\n## Hops\nThe values of the label `hop`, in their usual order. Each hop belongs to one side: the client, the gateway, the "
      "upstream, "
      "or\nwaiting for other requests.\n\n| hop | side | what happens |\n|---|---|---|\n";
  for (std::size_t i = 0; i < hop_count; ++i)
    out.append("| `")
        .append(name_of(static_cast<hop>(i)))
        .append("` | ")
        .append(name_of(side_of(static_cast<hop>(i))))
        .append(" | ")
        .append(prose_of(static_cast<hop>(i)))
        .append(" |\n");
  return out;
}

}  // namespace gateway
