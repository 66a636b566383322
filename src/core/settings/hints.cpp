#include "core/settings/hints.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "core/base/text.hpp"

namespace gateway {
namespace {

// Another spelling of a unit, in lower case: `times` of `name` are one of it.
struct spelling {
  std::string_view wrong;
  std::uint64_t times;
  std::string_view name;
};

constexpr std::array<spelling, 25> time_spellings{
    {{"w", 7, "d"}, {"week", 7, "d"},  {"weeks", 7, "d"},   {"day", 1, "d"},    {"days", 1, "d"},
     {"d", 1, "d"}, {"hr", 1, "h"},    {"hrs", 1, "h"},     {"hour", 1, "h"},   {"hours", 1, "h"},
     {"h", 1, "h"}, {"min", 1, "m"},   {"mins", 1, "m"},    {"minute", 1, "m"}, {"minutes", 1, "m"},
     {"m", 1, "m"}, {"sec", 1, "s"},   {"secs", 1, "s"},    {"second", 1, "s"}, {"seconds", 1, "s"},
     {"s", 1, "s"}, {"msec", 1, "ms"}, {"millis", 1, "ms"}, {"ms", 1, "ms"},    {"usec", 1, "us"}}};
constexpr std::array<spelling, 15> size_spellings{{{"b", 1, "B"},
                                                   {"byte", 1, "B"},
                                                   {"bytes", 1, "B"},
                                                   {"k", 1, "KiB"},
                                                   {"ki", 1, "KiB"},
                                                   {"kb", 1, "KiB"},
                                                   {"kib", 1, "KiB"},
                                                   {"m", 1, "MiB"},
                                                   {"mi", 1, "MiB"},
                                                   {"mb", 1, "MiB"},
                                                   {"mib", 1, "MiB"},
                                                   {"g", 1, "GiB"},
                                                   {"gi", 1, "GiB"},
                                                   {"gb", 1, "GiB"},
                                                   {"gib", 1, "GiB"}}};

template <std::size_t N>
std::string probable(std::string_view text, const std::array<spelling, N>& known) {
  auto const digits = std::min(text.find_first_not_of("0123456789"), text.size());
  auto const number = parse_decimal(text.substr(0, digits));
  auto const unit = trim_ows(text.substr(digits));
  auto const meant = std::ranges::find_if(known, [&](const spelling& one) { return iequals(one.wrong, unit); });
  if (!number || *number > 1'000'000 || meant == known.end()) return {};
  return std::to_string(*number * meant->times).append(meant->name);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t const replaced = diagonal + (iequals(a.substr(i - 1, 1), b.substr(j - 1, 1)) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min(replaced, std::min(row[j], row[j - 1]) + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string probable_duration(std::string_view text) { return probable(text, time_spellings); }
std::string probable_size(std::string_view text) { return probable(text, size_spellings); }

std::string_view probable_flag(std::string_view text) {
  for (auto const word : {"yes", "on", "true", "1"}) {
    if (iequals(text, word)) return "true";
  }
  for (auto const word : {"no", "off", "false", "0"}) {
    if (iequals(text, word)) return "false";
  }
  return {};
}

std::string_view nearest(std::string_view wrong, const std::vector<std::string_view>& candidates) {
  static constexpr std::size_t shortest_abbreviation = 3;
  std::string_view best;
  auto best_distance = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (auto const candidate : candidates) {
    if (wrong.size() >= shortest_abbreviation && iequals(candidate.substr(0, wrong.size()), wrong)) return candidate;
    if (auto const distance = edit_distance(wrong, candidate); distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view near) { return near.empty() ? "" : "; did you mean '" + std::string{near} + "'?"; }

bool names_a_variable(std::string_view text) {
  return text.find("${") != std::string_view::npos || text.find("$(") != std::string_view::npos || text.starts_with('$');
}

}  // namespace gateway
