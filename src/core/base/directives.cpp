#include "core/base/directives.hpp"

#include <algorithm>

namespace gateway {

std::size_t find_unquoted_comma(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == ',' && !quoted) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::optional<std::chrono::seconds> parse_delta_seconds(std::string_view text) {
  static constexpr std::uint64_t most = std::uint64_t{1} << 31;
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  return std::chrono::seconds{std::min(parse_decimal(text).value_or(most), most)};
}

}  // namespace gateway
