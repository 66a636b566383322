#include "core/settings/token_url.hpp"

#include "core/base/text.hpp"

namespace gateway {

std::optional<token_url> token_url::parse(std::string_view text) {
  static constexpr char_set is_path_char{"/-._~%!$&'()*+,;=:@", is_alnum};
  auto const scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  auto const path_at = text.find('/', scheme_end + 3);
  if (path_at == std::string_view::npos) return std::nullopt;
  auto const path = text.substr(path_at);
  auto host = parse_origin(text.substr(0, path_at));
  if (!host || path.size() < 2 || !is_path_char.holds_all(path)) return std::nullopt;
  return token_url{*std::move(host), std::string{path}};
}

}  // namespace gateway
