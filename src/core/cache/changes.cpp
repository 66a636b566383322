#include "core/cache/changes.hpp"

#include <cstring>

namespace gateway {

// Not keyed: only who may change a call gets it a place here, and all he gains by choosing it is that others fetch once more.
std::size_t call_changes::place_of(const call_sid& call) {
  std::uint64_t bits = 0;
  for (std::size_t at = 2; at < call_sid::length; at += sizeof bits) {
    std::uint64_t part = 0;
    std::memcpy(&part, call.view().data() + at, sizeof part);
    bits = (bits ^ part) * 0x9e3779b97f4a7c15;
  }
  return (bits >> 32) % places;
}

}  // namespace gateway
