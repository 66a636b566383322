#include "core/cache/changes.hpp"

#include <cstring>

namespace gateway {

// Not keyed: only who may change a call gets it a place here, and all he gains by choosing it is that others fetch once more.
std::size_t call_changes::place_of(const call_sid& call) {
  static constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
  std::uint64_t bits = 0;
  for (std::size_t at = 2; at < call_sid::length; at += sizeof bits) {
    std::uint64_t part = 0;
    std::memcpy(&part, call.view().data() + at, sizeof part);
    bits = (bits ^ part) * odd;
    bits ^= bits >> 32;
  }
  return (bits * odd) >> (64 - place_bits);  // the upper bits of a product depend on all below them
}

}  // namespace gateway
