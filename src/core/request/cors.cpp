#include "core/request/cors.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/request/framing.hpp"

namespace gateway {

bool is_origin_pattern(std::string_view text) {
  if (text == "*") return true;
  auto const mark = text.find("://");
  if (mark == std::string_view::npos || mark == 0) return false;
  bool const lower_case = std::ranges::none_of(text, [](char c) { return lower(c) != c; });
  return lower_case && is_token_char.holds_all(text.substr(0, mark)) && is_host(text.substr(mark + 3));
}

bool lists_origins(const cors_policy& policy) { return std::ranges::find(policy.allow_origins, "*") == policy.allow_origins.end(); }

std::string_view allow_origin(const cors_policy& policy, std::string_view origin) {
  if (!lists_origins(policy)) return "*";
  auto const& allowed = policy.allow_origins;
  auto const found = std::ranges::find(allowed, origin);
  return found == allowed.end() ? std::string_view{} : std::string_view{*found};
}

}  // namespace gateway
