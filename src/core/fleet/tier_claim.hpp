// What the engine replied to a claim. Nothing of it is trusted yet: a stored answer is sealed, and numbers are clamped where they are used.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "core/base/time.hpp"
#include "core/fleet/engine_reply.hpp"

namespace gateway {

struct tier_claim {
  enum class kind : std::uint8_t {
    summary,  // a stored complete summary: `token`, `sealed`, `owner`
    refusal,  // a stored refusal: `token`, `sealed`
    lease,    // this fetch leads for the fleet
    wait,     // another replica fetches: `token` of its lease
    alone,    // the fetch that was waited for has ended without an answer to store
  } is = kind::alone;
  wall_time now{};            // the engine's
  std::uint64_t version = 0;  // of the newest mark, at the engine
  std::string token;
  std::string sealed;
  std::size_t owner = 0;  // which of the owners that were asked for
};

// nullopt: it is no reply to a claim with that many owners.
std::optional<tier_claim> read_claim(engine_reply reply, std::size_t owners);

}  // namespace gateway
