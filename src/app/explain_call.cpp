#include "app/explain_call.hpp"

#include "core/telemetry/explanation.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

std::string explain_call(const shared_state& shared, const call_sid& call, processing_state state) {
  explained_call about{call,
                       state,
                       now(),
                       shared.config.cache.freshness,
                       shared.cache.list(call),
                       {},
                       shared.cache.unkept(call),
                       shared.visible.everybody()};
  for (auto const& one : shared.flights.list(call)) about.flights.push_back({one.owner, one.state, one.waiting});
  return explain(about);
}

}  // namespace gateway
