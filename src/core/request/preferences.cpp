#include "core/request/preferences.hpp"

#include <algorithm>

#include "core/base/directives.hpp"

namespace gateway {

std::optional<std::chrono::seconds> preferred_wait(const field_lines& prefer) {
  std::optional<std::chrono::seconds> first;
  bool found = false;
  for (auto const line : prefer) {
    for_each_directive(line, [&](std::string_view name, std::string_view argument) {
      if (found || !iequals(name, "wait")) return;
      found = true;
      // A preference may have parameters after a semicolon; wait has none.
      first = parse_delta_seconds(trim_ows(argument.substr(0, argument.find(';'))));
    });
  }
  if (!first || first->count() == 0) return std::nullopt;
  return std::min<std::chrono::seconds>(*first, std::chrono::hours{24});
}

}  // namespace gateway
