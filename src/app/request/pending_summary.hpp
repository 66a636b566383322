// A request for a summary that must wait: for the upstream, or held until its call is ready.
// Thread rule: belongs to one request.
#pragma once

#include "app/state/held_readers.hpp"
#include "core/cache/lookup.hpp"
#include "core/polling/hold_grant.hpp"

namespace gateway {

struct pending_summary {
  pending_summary(const summary_request& asked, const cache_key& own, bool may_store, mono_time now)
      : key(own), state(asked.state), storable(may_store), asked_at(now) {}

  cache_key key;
  processing_state state;
  bool storable;                         // the client lets us store the answer
  mono_time asked_at;                    // when the request was complete
  lookup found = lookup::bypass;         // the result of the cache lookup
  wall_time expires = wall_time::max();  // from then on the client's token gets nothing from the cache
  // Set once it is held:
  entry_ptr not_ready;  // the answer that is held back
  hold_grant grant;
  hold_place place;

  [[nodiscard]] bool is_bypass() const { return state == processing_state::partial; }
  [[nodiscard]] bool has_expired(wall_time now) const { return now >= expires; }
  [[nodiscard]] bool is_held() const { return not_ready != nullptr; }
};

}  // namespace gateway
