// Writes the samples of one metric family, in what Prometheus text 0.0.4 and OpenMetrics 1.0 have in common.
// Thread rule: values.
#pragma once

#include <string>
#include <string_view>

#include "core/telemetry/counters.hpp"

namespace gateway {

class metric_family {
public:
  metric_family(std::string& out, std::string_view name) : out_(out), name_(name) {}

  // `labels`: as label() makes them, with commas between.
  void sample(std::string_view labels, std::uint64_t value);
  void sample(std::string_view labels, double value);
  // Needs at least one label.
  void histogram(std::string_view labels, const histogram_of<std::uint64_t>& h);

private:
  void begin(std::string_view suffix, std::string_view labels);

  std::string& out_;
  std::string_view name_;
};

// name="value", escaped.
std::string label(std::string_view name, std::string_view value);

}  // namespace gateway
