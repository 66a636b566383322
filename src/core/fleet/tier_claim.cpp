#include "core/fleet/tier_claim.hpp"

#include <array>
#include <string_view>

#include "core/base/text.hpp"

namespace gateway {
namespace {

struct claim_form {
  std::string_view word;
  tier_claim::kind is;
  std::size_t items;
};

constexpr std::array<claim_form, 5> claim_forms{{{"summary", tier_claim::kind::summary, 6},
                                                 {"refusal", tier_claim::kind::refusal, 5},
                                                 {"lease", tier_claim::kind::lease, 3},
                                                 {"wait", tier_claim::kind::wait, 4},
                                                 {"alone", tier_claim::kind::alone, 3}}};

// Until the year 2200: later moments cannot be counted in nanoseconds.
constexpr std::uint64_t last_moment = 7'258'118'400'000;

}  // namespace

std::optional<tier_claim> read_claim(engine_reply reply, std::size_t owners) {
  if (reply.is != engine_reply::kind::array || reply.items.empty()) return std::nullopt;
  for (auto const& item : reply.items) {
    if (item.is != engine_reply::kind::text) return std::nullopt;
  }
  for (auto const& one : claim_forms) {
    if (reply.items.front().text != one.word || reply.items.size() != one.items) continue;
    auto const now = parse_decimal(reply.items[1].text);
    auto const version = parse_decimal(reply.items[2].text);
    if (!now || !version || *now > last_moment) return std::nullopt;
    tier_claim made;
    made.is = one.is;
    made.now = wall_time{std::chrono::milliseconds{*now}};
    made.version = *version;
    if (one.items > 3) made.token = std::move(reply.items[3].text);
    if (one.items > 4) made.sealed = std::move(reply.items[4].text);
    if (one.items > 5) {
      auto const owner = parse_decimal(reply.items[5].text);
      if (!owner || *owner >= owners) return std::nullopt;
      made.owner = *owner;
    }
    return made;
  }
  return std::nullopt;
}

}  // namespace gateway
