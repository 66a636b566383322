// What an operator holds by hand for a while, beside what the limiter decides: a pause of everything, an account's circuit, an account's
// limit. A lever ends by itself, at `until`.
// Thread rule: none of its own; its owner locks. Time rule: `now` is an argument.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace gateway {

struct lever {
  enum class kind : std::uint8_t {
    pause,    // nothing is sent for any account
    circuit,  // nothing is sent for the account
    limit,    // the account has at most `limit` exchanges at once
  };
  static constexpr std::size_t kinds = 3;
  // No lever is forgotten for ever.
  static constexpr std::chrono::seconds shortest{1};
  static constexpr std::chrono::hours longest{24};

  kind what = kind::pause;
  std::uint64_t account = 0;  // pause: 0
  std::uint64_t limit = 0;    // only of a limit
  mono_time since{};
  mono_time until{};

  [[nodiscard]] bool is_same_as(kind other, std::uint64_t whose) const { return what == other && account == whose; }
};

constexpr std::string_view name_of(lever::kind what) {
  constexpr std::array<std::string_view, lever::kinds> names{"pause", "circuit", "limit"};
  return names[static_cast<std::size_t>(what)];
}

class levers {
public:
  // More than an operator would hold by hand; each is looked at for each request that goes upstream.
  static constexpr std::size_t most = 32;

  // Takes the place of the same lever. False: there are too many others.
  bool set(const lever& one);
  // False: there was none.
  bool lift(lever::kind what, std::uint64_t account);
  // Those that have ended. A limit is in force until it is taken here, a pause and a circuit end on time without it.
  std::vector<lever> take_ended(mono_time now);

  // When the last lever ends that lets nothing pass for this account; a moment that has passed if there is none.
  [[nodiscard]] mono_time stopped_until(std::uint64_t account) const {
    auto until = mono_time::min();
    for (auto const& one : all_) {
      if (one.is_same_as(lever::kind::pause, 0) || one.is_same_as(lever::kind::circuit, account)) until = std::max(until, one.until);
    }
    return until;
  }
  [[nodiscard]] bool stops(std::uint64_t account, mono_time now) const { return now < stopped_until(account); }  // defence: lever-stops
  // No limit: max.
  [[nodiscard]] std::uint64_t limit_of(std::uint64_t account) const;
  [[nodiscard]] const std::vector<lever>& all() const { return all_; }

private:
  std::vector<lever> all_;
};

}  // namespace gateway
