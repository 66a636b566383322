// The answer of /api/shadow: what each policy would have done, beside what the real one did.
// Thread rule: pure function.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/time.hpp"
#include "core/shadow/shadow_sample.hpp"

namespace gateway {

// What really happened since the shadow began.
struct shadow_truth {
  std::uint64_t requests = 0;
  std::uint64_t answered = 0;  // from the cache
  std::uint64_t calls = 0;     // of the upstream
  std::uint64_t repeated = 0;  // answered from the cache, and not shown because each policy would have done so
  std::uint64_t lost = 0;      // sampled requests and answers that the shadow had no room for
};

// `sample`: null: the shadow is off.
std::string shadow_json(const shadow_sample* sample, const shadow_truth& truth, wall_time since);

}  // namespace gateway
