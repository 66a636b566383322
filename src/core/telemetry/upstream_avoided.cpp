#include "core/telemetry/upstream_avoided.hpp"

#include <array>

namespace gateway {

std::string_view name_of(avoided_by how) {
  static constexpr std::array<std::string_view, avoided_by_count> names{"hit", "stale", "negative_hit", "coalesced", "held", "second_tier"};
  return names[static_cast<std::size_t>(how)];
}

std::optional<avoided_by> avoided_call(const request_record& record) {
  if (record.asked_upstream) return std::nullopt;
  switch (record.ended) {
    case outcome::hit:
      return record.by_fleet ? avoided_by::second_tier : avoided_by::hit;
    case outcome::stale:
      return avoided_by::stale;
    case outcome::negative_hit:
      return record.by_fleet ? avoided_by::second_tier : avoided_by::negative_hit;
    case outcome::coalesced:
      return avoided_by::coalesced;
    case outcome::held:
      return avoided_by::held;
    case outcome::miss:
    case outcome::bypass:
    case outcome::rejected:
    case outcome::shed:
    case outcome::failed:
      break;
  }
  return std::nullopt;
}

}  // namespace gateway
