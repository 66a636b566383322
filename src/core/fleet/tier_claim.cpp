#include "core/fleet/tier_claim.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace gateway {
namespace {

struct form {
  std::string_view word;
  tier_claim::kind is;
  std::size_t items;
};

constexpr std::array<form, 5> forms{{{"summary", tier_claim::kind::summary, 6},
                                     {"refusal", tier_claim::kind::refusal, 5},
                                     {"lease", tier_claim::kind::lease, 3},
                                     {"wait", tier_claim::kind::wait, 4},
                                     {"alone", tier_claim::kind::alone, 3}}};

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

// Until the year 2200: later moments cannot be counted in nanoseconds.
constexpr std::uint64_t last_moment = 7'258'118'400'000;

}  // namespace

std::optional<tier_claim> read_claim(engine_reply reply, std::size_t owners) {
  if (reply.is != engine_reply::kind::array || reply.items.empty()) return std::nullopt;
  for (auto const& item : reply.items) {
    if (item.is != engine_reply::kind::text) return std::nullopt;
  }
  for (auto const& one : forms) {
    if (reply.items.front().text != one.word || reply.items.size() != one.items) continue;
    auto const now = number_in(reply.items[1].text);
    auto const version = number_in(reply.items[2].text);
    if (!now || !version || *now > last_moment) return std::nullopt;
    tier_claim made;
    made.is = one.is;
    made.now = wall_time{std::chrono::milliseconds{*now}};
    made.version = *version;
    if (one.items > 3) made.token = std::move(reply.items[3].text);
    if (one.items > 4) made.sealed = std::move(reply.items[4].text);
    if (one.items > 5) {
      auto const owner = number_in(reply.items[5].text);
      if (!owner || *owner >= owners) return std::nullopt;
      made.owner = *owner;
    }
    return made;
  }
  return std::nullopt;
}

}  // namespace gateway
