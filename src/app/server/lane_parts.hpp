// Which parts of the shared state a lane's classes get.
// Thread rule: any thread.
#pragma once

#include "app/request/data_service.hpp"
#include "app/state/shared_state.hpp"

namespace gateway {

// `shadow`: of the lane. `tier`: null if there is no fleet. `named`: one of the named upstreams; null: the section upstream.
inline data_parts parts_for_lane(shared_state& all, shared_tier* tier = nullptr, upstream_state* named = nullptr,
                                 shadow_feed* shadow = nullptr) {
  auto& permits = named == nullptr ? all.permits : named->permits;  // defence: permits-of-upstream
  auto& failing = named == nullptr ? all.failing : named->failing;
  waiting_parts const waiting{all.table_key, all.visible, permits, all.quotas, all.waiting};
  credential_parts const credentials{all.refused, all.access, all.visible, all.tokens};
  return {{all.log_key, all.access, all.clients, all.visible, all.refused, all.via, all.loop_line, all.protocol_line, all.proof_line,
           named == nullptr ? nullptr : &named->scope},
          waiting,
          {all.cache, all.visible, all.writes, all.flights, permits, failing, all.polled, all.held, credentials, all.quotas, all.told,
           all.dropped_names, tier, shadow},
          {all.table_key, all.cache, all.visible, permits, all.writes, all.uncertain, all.large, all.told, all.dropped_names, waiting,
           credentials, all.quotas, all.via, all.notices}};
}

}  // namespace gateway
