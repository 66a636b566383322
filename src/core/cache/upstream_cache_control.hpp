// The upstream's own statements about age and freshness. Age always counts; Cache-Control and Expires count as far as the operator enables
// them (cache.honour_upstream). Source: RFC 9111 §4.2.1, §4.2.3, §5.2.2, §5.3.
// Time rule: moments are arguments. Thread rule: values.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "core/cache/freshness.hpp"

namespace gateway {

// The result of the directives that count.
struct upstream_bounds {
  bool forbids_storing = false;
  bool ask_first = false;                                                    // no-cache
  std::chrono::nanoseconds age{0};                                           // at arrival
  std::chrono::nanoseconds fresh_at_most = std::chrono::nanoseconds::max();  // counted from its origin, so it includes the age
};

class upstream_cache_control {
public:
  // Call it with each field of the answer. Other fields are ignored. `now`: the arrival of the answer.
  void add(std::string_view name, std::string_view value, wall_time now);

  [[nodiscard]] bool says_no_store() const { return said_[static_cast<std::size_t>(upstream_directive::no_store)]; }
  // `under_way`: the time between request and answer. `now`: the arrival of the answer.
  [[nodiscard]] upstream_bounds bounds(std::chrono::nanoseconds under_way, wall_time now, const freshness_policy& policy) const;

private:
  [[nodiscard]] bool counts(upstream_directive word, const freshness_policy& policy) const {
    return said_[static_cast<std::size_t>(word)] && policy.honoured[static_cast<std::size_t>(word)];
  }
  void add_cache_control(std::string_view value);
  std::chrono::nanoseconds expires_after(wall_time now) const;

  std::array<bool, upstream_directive_names.size()> said_{};
  std::optional<std::chrono::seconds> age_;
  std::chrono::seconds max_age_ = std::chrono::seconds::max();  // the shortest that was stated; 0 if one cannot be read
  std::chrono::seconds s_maxage_ = std::chrono::seconds::max();
  std::optional<wall_time> date_;
  std::optional<wall_time> expires_;  // the earliest; nothing if one cannot be read, which counts as expired
};

}  // namespace gateway
