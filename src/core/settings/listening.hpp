// Which addresses a configuration listens on, and whether two addresses are the same place.
// Thread rule: pure functions.
#pragma once

#include <vector>

#include "core/settings/endpoint.hpp"
#include "core/settings/settings.hpp"

namespace gateway {

// Of valid settings: data listeners first, then admin, then metrics.
std::vector<endpoint> listening_addresses(const settings& values);

// However they are written: "[0::1]:80" and "[::1]:80" are one place.
bool is_same_place(const endpoint& a, const endpoint& b);

}  // namespace gateway
