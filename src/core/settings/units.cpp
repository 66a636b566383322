#include "core/settings/units.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "core/base/text.hpp"

namespace gateway {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t worth;
};

constexpr std::array<unit, 6> time_units{
    {{"d", 86'400'000'000'000}, {"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}}};
constexpr std::array<unit, 8> size_units{{{"GiB", 1ULL << 30},
                                          {"MiB", 1ULL << 20},
                                          {"KiB", 1ULL << 10},
                                          {"GB", 1'000'000'000},
                                          {"MB", 1'000'000},
                                          {"kB", 1'000},
                                          {"KB", 1'000},
                                          {"B", 1}}};

// Sum of number-unit pairs; nullopt on overflow or in any other form.
template <std::size_t N>
std::optional<std::uint64_t> parse_units(std::string_view text, const std::array<unit, N>& units, bool several) {
  std::uint64_t sum = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    auto const digits = std::min(text.find_first_not_of("0123456789"), text.size());
    auto const number = parse_decimal(text.substr(0, digits));
    text.remove_prefix(digits);
    auto const letters = std::min(text.find_first_of("0123456789"), text.size());
    auto const known = std::ranges::find(units, text.substr(0, letters), &unit::name);
    if (!number || known == units.end()) return std::nullopt;
    text.remove_prefix(letters);
    if (*number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / known->worth) return std::nullopt;
    sum += *number * known->worth;
    if (sum > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) || (!several && !text.empty())) return std::nullopt;
  }
  return sum;
}

std::string text_of(std::uint64_t amount, const unit& in) { return std::to_string(amount / in.worth) + std::string{in.name}; }

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  auto const sum = parse_units(text, time_units, true);
  if (!sum) return std::nullopt;
  return std::chrono::nanoseconds{static_cast<std::int64_t>(*sum)};
}

std::optional<std::uint64_t> parse_size(std::string_view text) { return parse_units(text, size_units, false); }

std::string duration_text(std::chrono::nanoseconds span) {
  auto const amount = static_cast<std::uint64_t>(span.count());
  if (amount == 0) return "0s";
  auto const fits = std::ranges::find_if(time_units, [&](const unit& u) { return amount % u.worth == 0; });
  return text_of(amount, fits == time_units.end() ? time_units.back() : *fits);
}

std::string size_text(std::uint64_t bytes) {
  auto const fits = std::ranges::find_if(size_units, [&](const unit& u) { return bytes % u.worth == 0 && bytes >= u.worth; });
  return text_of(bytes, fits == size_units.end() ? size_units.back() : *fits);
}

}  // namespace gateway
