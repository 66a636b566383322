// What an operator may do through the admin listener. Each role holds those before it: who may pause all traffic may also purge, and who
// purges must see what is cached.
// Thread rule: values.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/base/fault.hpp"

namespace gateway {

enum class admin_role : std::uint8_t { read, purge, operate };
inline constexpr std::array<std::string_view, 3> admin_role_names{"read", "purge", "operate"};
constexpr std::string_view name_of(admin_role role) { return admin_role_names[static_cast<std::size_t>(role)]; }
constexpr bool holds(admin_role has, admin_role needed) { return has >= needed; }

// Why the admin listener refuses somebody.
enum class admin_refusal : std::uint8_t { unknown, role_missing, cross_site };
inline constexpr std::array<fault, 3> admin_refusal_faults{fault::missing_credentials, fault::not_permitted, fault::cross_site};
inline std::string_view name_of(admin_refusal why) { return name_of(admin_refusal_faults[static_cast<std::size_t>(why)]); }

}  // namespace gateway
