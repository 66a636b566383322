// Durations and sizes in the form that people write: "250ms", "8s", "1h30m"; "512B", "16KiB", "256MiB". A number without a unit is refused.
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

// The shortest exact form: printing and reading it again gives the same value.
std::string duration_text(std::chrono::nanoseconds span);
std::string size_text(std::uint64_t bytes);

// The texts of a list.
template <class Value>
std::vector<std::string> texts_of(const std::vector<Value>& values, std::string (*text)(Value)) {
  std::vector<std::string> all;
  all.reserve(values.size());
  for (auto const& one : values) all.push_back(text(one));
  return all;
}

}  // namespace gateway
