// How many connections there may be, within the file descriptors that the process can have.
// Thread rule: main thread, before anything starts.
#pragma once

#include <cstdint>

#include "core/settings/settings.hpp"

namespace gateway {

inline constexpr std::uint64_t admin_connection_limit = 256;

// Idle connections to an upstream that one of `lanes` lanes keeps. Together the lanes keep twice as many as may be in flight.
std::size_t idle_connections(const upstream_settings& values, std::uint64_t lanes);

// The part of `all` that lane number `which` gets, of `lanes` lanes.
std::size_t share_of(std::size_t all, std::size_t which, std::size_t lanes);

// How many client connections the settings and the file descriptors allow. Some descriptors are reserved, so that the upstream and the
// admin listener always get theirs. Throws std::runtime_error if too few are left for clients.
std::uint64_t affordable_connections(const settings& values);

}  // namespace gateway
