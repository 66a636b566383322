// Which addresses a configuration listens on, and whether two addresses are the same place.
// Thread rule: pure functions.
#pragma once

#include <vector>

#include "core/auth/proxied_client.hpp"
#include "core/settings/endpoint.hpp"
#include "core/settings/settings.hpp"

namespace gateway {

// Of valid settings: data listeners first, then admin, then metrics.
std::vector<endpoint> listening_addresses(const settings& values);

// However they are written: "[0::1]:80" and "[::1]:80" are one place.
bool is_same_place(const endpoint& a, const endpoint& b);

// Whose word one listener believes. Of valid settings.
listener_trust trust_of(const listener_settings& values);

// Ranges of addresses as they are written, "unix" among them; what does not fit is told in `problems`, if it is not null.
address_list parse_addresses(const std::vector<std::string>& texts, std::vector<std::string>* problems = nullptr);

}  // namespace gateway
