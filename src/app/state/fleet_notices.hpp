// What happens in this gateway and concerns the stored answers of other gateways of its fleet, too. The real one is
// app/fleet/mark_exchange. Thread rule: any thread; no function waits.
#pragma once

#include <cstdint>

#include "core/auth/partition.hpp"
#include "core/base/ids.hpp"
#include "core/polling/call_event.hpp"

namespace gateway {

class fleet_notices {
public:
  virtual ~fleet_notices() = default;
  // The upstream no longer accepts this credential, which it had accepted before.
  virtual void refused(const partition& owner) = 0;
  // The upstream refused a credential that this gateway does not know; another one may.
  virtual void refused_unknown(const partition& owner) = 0;
  // The call was written to through this gateway.
  virtual void changed(const call_sid& call) = 0;
  // Twilio told this gateway of it. `number`: the same in all gateways that note the event.
  virtual void event(std::uint64_t number, const call_event& what) = 0;
};

}  // namespace gateway
