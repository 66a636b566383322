// How many tables a cache of that size has. All entries of one call are in one table, and each table enforces its own part of the bound.
// Thread rule: pure functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace gateway {

// So few that each can hold thousands of summaries.
constexpr std::size_t table_count(std::size_t max_bytes) { return std::clamp<std::size_t>(max_bytes / (8 * 1024 * 1024), 1, 32); }

// `hash` is keyed, and always the same for one call.
constexpr std::size_t table_of(std::uint64_t hash, std::size_t count) { return (hash >> 56) % count; }

}  // namespace gateway
