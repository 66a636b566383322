#pragma once
// Writes the Call Summary of a call, always the same one for (seed, call, version): all call types, key orders and spacings, in the sizes
// that Twilio's have (70 % 1.2–2 KB, 25 % 2–5 KB, 5 % about 8 KB) or in an exact one. Phone numbers, IP addresses and names are fictional.
#include <cstddef>
#include <cstdint>
#include <string>

#include "calls.hpp"

namespace simulator {

inline constexpr std::size_t smallest_summary = 160;  // below this no exact size can be made

struct call_outline {
  sim_time start;
  call_shape shape;
};
call_outline outline_of(std::uint64_t seed, const call_facts& call);

std::string summary_body(std::uint64_t seed, const call_facts& call, life when);

}  // namespace simulator
