#include "app/admin/explain_call.hpp"

#include "core/telemetry/explanation.hpp"
#include "io/runtime/clock.hpp"

namespace gateway {

std::string explain_call(const shared_state& shared, const settings& config, const call_sid& call, processing_state state) {
  explained_call about{call,
                       state,
                       now(),
                       config.cache.freshness,
                       shared.cache.list(call),
                       {},
                       shared.cache.why_not_stored(call),
                       {},
                       0,
                       shared.permits.now(),
                       config.upstream.max_in_flight};
  for (auto const& one : about.stored) {
    if (!shared.visible.is_for_all(one.owner, *one.state.stored)) continue;
    about.everybody = one.owner;
    about.holders = shared.visible.grant_holders(*one.state.stored->account, about.now.mono);
  }
  for (auto const& one : shared.flights.list(call)) about.flights.push_back({one.owner, one.state, one.waiting});
  return explain(about);
}

}  // namespace gateway
