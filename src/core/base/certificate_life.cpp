#include "core/base/certificate_life.hpp"

#include <algorithm>

namespace gateway {

certificate_state judge(const certificate_life& life, wall_time now) {
  static constexpr auto longest_warning = std::chrono::days{14};
  if (now < life.begin) return certificate_state::not_yet_valid;
  if (now >= life.end) return certificate_state::expired;
  auto const warning = std::min<std::chrono::nanoseconds>(longest_warning, (life.end - life.begin) / 6);
  return life.end - now < warning ? certificate_state::ends_soon : certificate_state::good;
}

std::string remark_on(const certificate_life& life, wall_time now) {
  switch (judge(life, now)) {
    case certificate_state::not_yet_valid:
      return "the certificate is not valid before " + http_date(life.begin) + "; until then clients refuse it";
    case certificate_state::ends_soon:
      return "the certificate expires on " + http_date(life.end) + "; renew it";
    case certificate_state::expired:
      return "the certificate has expired on " + http_date(life.end) + "; clients refuse it";
    case certificate_state::good:
      break;
  }
  return {};
}

}  // namespace gateway
