// What GET /api/explain says about one call: what is stored of it, for how long, and what the next request for it would do, and why.
// Credentials appear as ordinals that are valid within one answer only.
// Time rule: `now` is an argument. Thread rule: pure function.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/auth/client_rights.hpp"
#include "core/base/time.hpp"
#include "core/cache/lookup.hpp"
#include "core/cache/recently_not_stored.hpp"
#include "core/limit/upstream_limiter.hpp"
#include "core/polling/look_schedule.hpp"
#include "core/telemetry/client_standing.hpp"
#include "core/telemetry/upstream_figures.hpp"

namespace gateway {

struct explained_flight {
  partition owner;
  processing_state state = processing_state::absent;
  std::size_t waiting = 0;
  bool elsewhere = false;  // another replica of the fleet fetches it
};

// When one partition's readers cause the next look at the call, whose summary is not ready.
struct explained_look {
  partition owner;
  look_plan next;
  std::chrono::nanoseconds looked_ago{};
  std::optional<std::chrono::nanoseconds> ended_ago{};
  std::size_t held = 0;   // readers that wait for it
  mono_time first_end{};  // of a hold, if there are any
};

// Whether the fleet's second tier is asked before the upstream. paused: the engine is away, or its marks have not been read yet.
enum class second_tier_state : std::uint8_t { off, on, paused };

// Mode inject: a client whose next request is explained, too.
struct explained_client {
  std::string name;
  partition owner{};                              // of its account's entries
  std::shared_ptr<const client_rights> rights{};  // null: no client has that name
  std::vector<std::string> proofs{};              // what the gateway recognises it by
  client_standing upstream{};                     // its share of the turns
};

struct explained_call {
  call_sid call;
  processing_state state;  // in the next request
  instant now;
  freshness_policy policy;
  std::vector<lru_store::listed> stored;
  std::vector<explained_flight> flights;
  std::vector<recently_not_stored::noted> why_not_stored;
  std::vector<partition> everybody;  // the owners of copies for all credentials with a grant for their account
  std::size_t holders = 0;           // of such grants
  upstream_limiter::load upstream{};
  std::uint64_t max_in_flight = 0;
  std::chrono::nanoseconds paused_for{};  // by an operator; 0: not at all
  std::uint64_t accounts_refused = 0;     // mode inject: the upstream refuses the credential that the gateway holds for them
  std::vector<partition> hidden;          // those of them whose answers are stored, and not given
  second_tier_state second_tier = second_tier_state::off;
  std::vector<explained_look> looks{};
  std::vector<upstream_figures> upstreams{};  // if there are several; `upstream` is then that of the section
  std::optional<explained_client> client{};
};

// One JSON object.
std::string explain(const explained_call& about);

}  // namespace gateway
