#include "core/cache/unkept.hpp"

namespace gateway {

std::vector<recent_unkept::noted> recent_unkept::about(const call_sid& call) const {
  std::vector<noted> found;
  for (auto const& one : places_) {
    if (one && one->key.call == call) found.push_back(*one);
  }
  return found;
}

}  // namespace gateway
