#include "core/events/event_url.hpp"

#include "core/base/text.hpp"

namespace gateway {

std::optional<event_url> event_url::parse(std::string_view text) {
  constexpr std::string_view scheme = "https://";
  static constexpr char_set is_url_char{"-._~:/[]@!$&'()*+,;=%", is_alnum};
  if (!text.starts_with(scheme) || !is_url_char.holds_all(text)) return std::nullopt;
  auto const rest = text.substr(scheme.size());
  auto const path_at = rest.find('/');
  if (path_at == std::string_view::npos) return std::nullopt;
  auto const authority = rest.substr(0, path_at);
  auto const bracket = authority.find(']');
  auto const host = authority.substr(0, authority.find(':', bracket == std::string_view::npos ? 0 : bracket));
  auto const port = authority.substr(host.size());
  auto const number = port.empty() ? std::optional<std::uint64_t>{443} : parse_decimal(port.substr(1));
  if (host.empty() || authority.find('@') != std::string_view::npos || !number || *number > 65535) return std::nullopt;
  event_url made;
  made.path = rest.substr(path_at);
  made.without_port = std::string{scheme}.append(host).append(made.path);
  made.with_port = std::string{scheme}.append(host).append(port.empty() ? ":443" : port).append(made.path);
  return made;
}

}  // namespace gateway
