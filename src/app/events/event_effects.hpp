// What an event of Twilio changes here, in this order: what is stored of the call becomes old, also in the fleet; the schedule of the
// call's looks moves, and the watches of held readers ask it; the other gateways of the fleet hear of it. It grants nobody anything and
// carries no answer.
// Thread rule: any thread.
#pragma once

#include <mutex>
#include <string_view>

#include "app/state/fleet_notices.hpp"
#include "app/state/held_readers.hpp"
#include "app/state/polled_calls.hpp"
#include "app/state/shared_cache.hpp"
#include "core/events/seen_events.hpp"
#include "core/polling/call_event.hpp"

namespace gateway {

// From the moment that an event names to now: at least 0, however the clocks differ.
std::chrono::nanoseconds age_of(const call_event& what, wall_time now);

struct event_parts {
  const short_hash_key& key;  // the same in all gateways of a fleet
  shared_cache& cache;
  polled_calls& polled;
  held_readers& held;
  fleet_notices* const& fleet;  // null: there is none
};

class event_effects {
public:
  explicit event_effects(const event_parts& parts) : parts_(parts), key_(derived_key(parts.key, "events")) {}

  // An event that Twilio delivered to this gateway. False: it was noted before.
  bool note(std::string_view identity, const call_event& what, const instant& now);
  // An event that another gateway of the fleet has noted under that number.
  void heard(std::uint64_t number, const call_event& what, const instant& now);

private:
  bool is_new(std::uint64_t number);
  // Returns whether an older answer may be stored in the fleet, too.
  bool make_old(const call_event& what, const instant& now);
  void look_again(const call_event& what, const instant& now);

  const event_parts parts_;
  const short_hash_key key_;
  std::mutex mutex_;
  seen_events seen_;  // protected by mutex_
};

}  // namespace gateway
