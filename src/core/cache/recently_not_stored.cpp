#include "core/cache/recently_not_stored.hpp"

namespace gateway {

std::vector<recently_not_stored::noted> recently_not_stored::about(const call_sid& call) const {
  std::vector<noted> found;
  for (auto const& one : slots_) {
    if (one && same_call(one->key.call, call)) found.push_back(*one);
  }
  return found;
}

}  // namespace gateway
