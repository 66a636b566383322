#include "core/fleet/engine_trouble.hpp"

#include <array>

namespace gateway {

std::string_view name_of(engine_trouble why) {
  static constexpr std::array<std::string_view, engine_trouble_count> names{"answered", "away", "busy", "late", "refused"};
  return names[static_cast<std::size_t>(why)];
}

}  // namespace gateway
