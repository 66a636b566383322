#include "core/shadow/shadow_policy.hpp"

#include <algorithm>
#include <array>

namespace gateway {
namespace {

template <class Value>
std::vector<Value> ascending(std::vector<Value> values) {
  std::ranges::sort(values);
  return values;
}

}  // namespace

std::string_view name_of(shadow_axis differs) {
  static constexpr std::array<std::string_view, 4> names{"present", "max_bytes", "fresh_for", "sharing"};
  return names[static_cast<std::size_t>(differs)];
}

std::vector<shadow_policy> shadow_policies(const settings& values) {
  if (!values.shadow.is_on()) return {};
  shadow_policy present;
  present.max_bytes = values.cache_bytes();
  present.freshness = values.cache.freshness;
  present.sharing = values.credentials.sharing;
  present.max_entry_bytes = values.cache.max_entry_bytes;
  present.grant_ttl = values.credentials.grant_ttl;
  std::vector<shadow_policy> all{present};
  auto const add = [&](shadow_axis differs) -> shadow_policy& {
    all.push_back(present);
    all.back().differs = differs;
    return all.back();
  };
  for (auto const bytes : ascending(values.shadow.max_bytes)) add(shadow_axis::max_bytes).max_bytes = bytes;
  for (auto const span : ascending(values.shadow.fresh_for)) add(shadow_axis::fresh_for).freshness.fresh_for = span;
  if (values.shadow.sharing == shadow_sharing::as_is) return all;
  auto& other = add(shadow_axis::sharing);
  bool const grants = values.shadow.sharing == shadow_sharing::grants;
  other.sharing = grants ? sharing_mode::grants : sharing_mode::partition;
  other.place = grants ? shadow_place::granted : shadow_place::own;
  return all;
}

}  // namespace gateway
