// When a name is looked up again, and how long a request waits for that. Old addresses are better than none: they are used while a lookup
// runs, and after one that failed.
// Thread rule: a value.
#pragma once

#include "core/base/time.hpp"

namespace gateway {

struct name_lifetime {
  std::chrono::nanoseconds ttl{0};      // addresses of this age are looked up again
  std::chrono::nanoseconds max_age{0};  // for addresses of this age, a request waits for the lookup

  // A failed lookup is repeated soon, but not by every request.
  static constexpr std::chrono::seconds pause{1};

  [[nodiscard]] bool is_due(mono_time looked_up, mono_time now) const { return now >= looked_up + ttl; }
  // Until when a request that must end by `deadline` waits for the lookup before it uses addresses of that age: a quarter of its time.
  [[nodiscard]] mono_time waits_until(mono_time looked_up, mono_time now, mono_time deadline) const {
    bool const too_old = is_due(looked_up, now) && now >= looked_up + max_age;
    return too_old && deadline > now ? now + (deadline - now) / 4 : now;
  }
};

}  // namespace gateway
