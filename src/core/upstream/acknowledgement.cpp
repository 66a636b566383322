#include "core/upstream/acknowledgement.hpp"

#include <algorithm>

namespace gateway {
namespace {

constexpr std::chrono::milliseconds usual_exchange{300};
constexpr std::chrono::milliseconds least_retransmission{200};
// The first retransmission comes after one time-out, the second after two more.
constexpr int time_outs = 3;

}  // namespace

mono_time first_look(mono_time sent, std::chrono::nanoseconds longest) {
  return sent + std::min<std::chrono::nanoseconds>(usual_exchange, longest);
}

mono_time acknowledged_by(mono_time sent, const delivery& seen, std::chrono::nanoseconds longest) {
  auto const time_out = std::max<std::chrono::nanoseconds>(seen.round_trip + 4 * seen.variation, least_retransmission);
  return sent + std::min(time_outs * time_out, longest);
}

}  // namespace gateway
