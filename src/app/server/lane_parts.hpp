// Which parts of the shared state a lane's classes get.
// Thread rule: any thread.
#pragma once

#include "app/request/data_service.hpp"
#include "app/state/shared_state.hpp"

namespace gateway {

// `tier`: null if there is no fleet.
inline data_parts parts_for_lane(shared_state& all, shared_tier* tier = nullptr) {
  waiting_parts const waiting{all.table_key, all.visible, all.permits, all.waiting};
  credential_parts const credentials{all.refused, all.access, all.visible, all.tokens};
  return {{all.log_key, all.access, all.clients, all.visible, all.refused, all.via, all.loop_line, all.protocol_line},
          waiting,
          {all.cache, all.visible, all.writes, all.flights, all.permits, all.failing, all.polled, all.held, credentials,
           all.reported_concurrency, all.dropped_names, tier},
          {all.table_key, all.cache, all.visible, all.permits, all.writes, all.uncertain, all.large, all.reported_concurrency,
           all.dropped_names, waiting, credentials, all.via, all.notices}};
}

}  // namespace gateway
