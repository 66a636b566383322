#include "core/request/request_cache_control.hpp"

#include <algorithm>

#include "core/base/directives.hpp"

namespace gateway {

void request_cache_control::add_cache_control(std::string_view value) {
  has_cache_control_ = true;
  for_each_directive(value, [&](std::string_view name, std::string_view argument) {
    if (iequals(name, "no-cache")) no_cache_ = true;
    if (iequals(name, "no-store")) no_store_ = true;
    if (iequals(name, "only-if-cached")) only_if_cached_ = true;
    auto const seconds = parse_delta_seconds(argument);
    if (!seconds) return;
    // If a directive is repeated, the stricter value counts.
    if (iequals(name, "max-age")) max_age_ = std::min(max_age_.value_or(*seconds), *seconds);
    if (iequals(name, "min-fresh")) min_fresh_ = std::max(min_fresh_, *seconds);
  });
}

void request_cache_control::add_pragma(std::string_view value) {
  for_each_directive(value,
                     [&](std::string_view name, std::string_view) { pragma_no_cache_ = pragma_no_cache_ || iequals(name, "no-cache"); });
}

}  // namespace gateway
