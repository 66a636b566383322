// How many of everything there may be: workers, connections of clients and to the upstream, within the process's descriptors.
// Thread rule: main thread, before anything starts.
#pragma once

#include <cstdint>

#include "core/settings/settings.hpp"

namespace gateway {

inline constexpr std::uint64_t admin_connection_limit = 256;

std::size_t worker_count(const settings& values);

// Kept open per lane: so many that together the lanes can hold twice what may be in flight.
std::size_t idle_connections(const settings& values);

// Of so many in all, lane number `which` of `lanes` has these.
std::size_t share_of(std::size_t all, std::size_t which, std::size_t lanes);

// As many client connections as the settings allow and the process can have descriptors for, with some kept back so that the upstream
// and the admin listener always have theirs. Throws std::runtime_error if there is room for nobody.
std::uint64_t affordable_connections(const settings& values);

}  // namespace gateway
