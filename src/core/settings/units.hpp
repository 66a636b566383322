// Durations and sizes as people write them: "250ms", "8s", "1h30m"; "512B", "16KiB", "256MiB". A number without a unit is refused.
// Thread rule: pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);
std::optional<std::uint64_t> parse_size(std::string_view text);

// The shortest exact spelling, so that printing and reading again gives the same value.
std::string duration_text(std::chrono::nanoseconds span);
std::string size_text(std::uint64_t bytes);

// Of the candidates the one that a typing error most probably meant, "" if none is near.
std::string_view nearest(std::string_view wrong, const std::vector<std::string_view>& candidates);

}  // namespace gateway
