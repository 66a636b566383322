// Why the engine gave no usable reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gateway {

enum class engine_trouble : std::uint8_t {
  none,
  away,     // not connected, or its circuit breaker is open: nothing was sent
  busy,     // too many commands wait already: nothing was sent
  late,     // no reply within fleet.timeout, or before the connection ended; it may still be carried out
  refused,  // it replied with an error
};
inline constexpr std::size_t engine_trouble_count = 5;
std::string_view name_of(engine_trouble why);

}  // namespace gateway
