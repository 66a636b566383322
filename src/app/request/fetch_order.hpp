// What a fetch is ordered with: no head and no exchange of a client, so that it outlives them.
// Thread rule: a value.
#pragma once

#include <cstdint>
#include <optional>

#include "app/request/upstream_exchange.hpp"
#include "core/cache/key.hpp"
#include "core/limit/permit_request.hpp"
#include "core/request/request_cache_control.hpp"
#include "core/request/summary_request.hpp"

namespace gateway {

// Why a fetch is made: this decides whether it waits for a permit, and whether a 429 is repeated.
enum class fetch_purpose : std::uint8_t {
  answer,      // requests wait, and there is nothing else to give them
  revalidate,  // requests wait, and a stored answer could be given to them
  refresh,     // no request waits: the upstream is asked only if there is room at once
};

// Of a stale answer: no other refresh begins until then.
struct refresh_claim {
  cache_key of;
  mono_time until{};
};

struct fetch_order {
  cache_key key;
  processing_state state = processing_state::absent;
  principal asks;
  requester who;  // also tells whether the credential is proved
  fetch_purpose purpose = fetch_purpose::answer;
  bool storable = true;                      // the client lets us store the answer
  mono_time since = mono_time::min();        // a stored answer that was requested before is not new enough
  request_cache_control cache_control{};     // of its client, for what other replicas stored
  std::chrono::nanoseconds leaves_early{0};  // so long before the permit's end the client gives up
  bool is_look = false;                      // for held readers: a "not ready" answers it only if it puts off their next look
  bool wants_partial = false;                // some of them take a partial
  std::optional<refresh_claim> claim{};      // of a refresh that a stale hit began

  // A partial summary can change at any time: the upstream is asked each time, and no two requests share the answer.
  [[nodiscard]] bool is_bypass() const { return state == processing_state::partial; }
};

}  // namespace gateway
