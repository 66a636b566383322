// The policies that the shadow compares: the one in force, and what the setting shadow names in its place. Each differs from the one in
// force in one setting, so that their number is the sum of the lists and not their product.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/settings/settings.hpp"

namespace gateway {

// The setting in which a policy differs from the one in force.
enum class shadow_axis : std::uint8_t { present, max_bytes, fresh_for, sharing };
std::string_view name_of(shadow_axis differs);

// Where a complete summary is stored: in the partition that the cache in force would choose, in the credential's own, or in that of all
// credentials with a grant.
enum class shadow_place : std::uint8_t { as_is, own, granted };

struct shadow_policy {
  shadow_axis differs = shadow_axis::present;
  std::uint64_t max_bytes = 0;
  freshness_policy freshness;
  sharing_mode sharing = sharing_mode::partition;
  shadow_place place = shadow_place::as_is;
  std::uint64_t max_entry_bytes = 0;
  std::chrono::nanoseconds grant_ttl{};
};

// The present one first, then each list in ascending order. Empty: the shadow is off.
std::vector<shadow_policy> shadow_policies(const settings& values);

}  // namespace gateway
