// Writes the samples of one metric family, in the syntax that Prometheus text 0.0.4 and OpenMetrics 1.0 share.
// Thread rule: values.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "core/base/fixed_text.hpp"
#include "core/base/time.hpp"
#include "core/telemetry/counters.hpp"

namespace gateway {

// One counted request that serves as an example for others like it. OpenMetrics 1.0 §4.6.1.
struct exemplar {
  std::chrono::nanoseconds took{};
  wall_time at{};
  fixed_text<32> trace;
  fixed_text<78> request;  // of the 128 characters that names and values may have together
};

class metric_family {
public:
  // `exemplars`: whether the format supports them.
  metric_family(std::string& out, std::string_view name, bool exemplars = false) : out_(out), name_(name), exemplars_(exemplars) {}

  // `labels`: as made by label(), separated by commas.
  void sample(std::string_view labels, std::uint64_t value);
  void sample(std::string_view labels, double value);
  // Needs at least one label. Each bucket gets its newest request of `examples`.
  void histogram(std::string_view labels, const histogram_of<std::uint64_t>& h, std::span<const exemplar> examples = {});

private:
  void example(std::size_t bucket, std::span<const exemplar> from);
  void begin(std::string_view suffix, std::string_view labels);

  std::string& out_;
  std::string_view name_;
  bool exemplars_;
};

// name="value", escaped.
std::string label(std::string_view name, std::string_view value);

}  // namespace gateway
