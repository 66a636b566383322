#include "core/telemetry/engine_figures.hpp"

#include "core/base/json_writer.hpp"
#include "core/telemetry/quantile.hpp"

namespace gateway {

std::string engine_json(const engine_figures& now) {
  std::string text;
  {
    json_object engine{text};
    engine.text("address", now.address);
    engine.text("state", name_of(now.state));
    if (!now.why_not.empty()) engine.text("why", now.why_not);
    for (auto const& [name, q] : {std::pair{"p50_us", 0.5}, std::pair{"p99_us", 0.99}}) {
      auto const took = quantile(now.answered.buckets, q);
      if (took) engine.number(name, std::chrono::duration_cast<std::chrono::microseconds>(*took).count());
    }
    engine.begin("commands");
    json_object commands{text};
    for (std::size_t i = 0; i < now.commands.size(); ++i) commands.number(name_of(static_cast<engine_trouble>(i)), now.commands[i]);
  }
  return text;
}

}  // namespace gateway
