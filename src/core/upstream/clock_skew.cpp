#include "core/upstream/clock_skew.hpp"

namespace gateway {

std::optional<std::chrono::milliseconds> clock_skew(std::string_view date, wall_time sent, wall_time received) {
  using std::chrono::milliseconds;
  auto const written = parse_http_date(date, received);
  if (!written) return std::nullopt;
  auto const least = sent - (*written + std::chrono::seconds{1});
  auto const most = received - *written;
  if (least.count() > 0) return std::chrono::floor<milliseconds>(least);
  if (most.count() < 0) return std::chrono::ceil<milliseconds>(most);
  return milliseconds{0};
}

}  // namespace gateway
