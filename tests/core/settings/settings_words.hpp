// Settings compared by their printed form, and problems as lines of text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/settings/load.hpp"

namespace gateway {

// "3 upstream.timeout: must be …\n" for each problem.
inline std::string text_of(const std::vector<problem>& problems) {
  std::string text;
  for (auto const& p : problems) text.append(std::to_string(p.line)).append(" ").append(p.key).append(": ").append(p.text).append("\n");
  return text;
}
inline std::string problems_of(std::string_view yaml) { return text_of(load_settings(yaml).problems); }

}  // namespace gateway
