// Whether a listener's certificate is good for its clients at a moment, by the time of its validity.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/time.hpp"

namespace gateway {

struct certificate_life {
  wall_time begin;
  wall_time end;
};

enum class certificate_state : std::uint8_t { good, not_yet_valid, ends_soon, expired };

// A certificate ends soon in its last fourteen days, or in the last sixth of a life of less than twelve weeks: renewals come earlier.
certificate_state judge(const certificate_life& life, wall_time now);

// What an operator should know of it; "" while it is good.
std::string remark_on(const certificate_life& life, wall_time now);

}  // namespace gateway
