#include "core/settings/probe_target.hpp"

#include <algorithm>

namespace gateway {

std::optional<probe_target> parse_probe_target(std::string_view url) {
  static constexpr std::string_view http = "http://";
  static constexpr std::string_view unix_scheme = "unix:";
  bool const is_unix = url.starts_with(unix_scheme);
  if (!is_unix && !url.starts_with(http)) return std::nullopt;
  if (!is_unix) url.remove_prefix(http.size());
  auto const path_at = is_unix ? url.find(":/", unix_scheme.size()) : url.find('/');
  auto const path = path_at == std::string_view::npos ? std::string_view{} : url.substr(path_at + (is_unix ? 1 : 0));
  auto const where = parse_endpoint(url.substr(0, path_at));
  bool const printable = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!where || !printable) return std::nullopt;
  return probe_target{*where, path.empty() || path == "/" ? "/readyz" : std::string{path}};
}

}  // namespace gateway
