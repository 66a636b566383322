#include "core/fleet/engine_address.hpp"

#include "core/base/text.hpp"

namespace gateway {

std::optional<engine_address> address_from(std::string_view host, std::string_view port, const engine_address& like) {
  static constexpr char_set is_one{"-._:", is_alnum};
  constexpr std::size_t longest_name = 255;
  auto const number = parse_decimal(port);
  if (!number || *number == 0 || *number > 65535) return std::nullopt;
  if (host.empty() || host.size() > longest_name || !is_one.holds_all(host)) return std::nullopt;  // defence: engine-host-syntax
  engine_address made;
  made.tls = like.tls;
  made.host = host;
  made.port = static_cast<std::uint16_t>(*number);
  return made;
}

}  // namespace gateway
