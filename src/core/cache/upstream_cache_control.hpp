// What the upstream's answer says about its own age and freshness, and what of that counts: its Age always, Cache-Control and Expires as
// far as the operator opts in (cache.honour_upstream). Source: RFC 9111 §4.2.1, §4.2.3, §5.2.2, §5.3.
// Time rule: moments are arguments. Thread rule: values.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

#include "core/cache/freshness.hpp"

namespace gateway {

// What it comes to, of the words that count.
struct upstream_bounds {
  bool forbids_storing = false;
  bool ask_first = false;                                                    // no-cache
  std::chrono::nanoseconds age{0};                                           // when it came
  std::chrono::nanoseconds fresh_at_most = std::chrono::nanoseconds::max();  // from its origin on, so counting its age
};

class upstream_cache_control {
public:
  // Each field of the answer, as it is met. What does not matter here is ignored.
  void add(std::string_view name, std::string_view value);

  [[nodiscard]] bool says_no_store() const { return said_[static_cast<std::size_t>(upstream_directive::no_store)]; }
  // `under_way`: from the question to the answer. `now`: when that came.
  [[nodiscard]] upstream_bounds bounds(std::chrono::nanoseconds under_way, wall_time now, const freshness_policy& policy) const;

private:
  [[nodiscard]] bool counts(upstream_directive word, const freshness_policy& policy) const {
    return said_[static_cast<std::size_t>(word)] && policy.honoured[static_cast<std::size_t>(word)];
  }
  void add_cache_control(std::string_view value);
  std::chrono::nanoseconds expires_after(wall_time now) const;

  std::array<bool, upstream_directive_names.size()> said_{};
  std::optional<std::chrono::seconds> age_;
  std::chrono::seconds max_age_ = std::chrono::seconds::max();  // if it was said: the shortest, 0 for one that cannot be read
  std::chrono::seconds s_maxage_ = std::chrono::seconds::max();
  std::optional<wall_time> date_;
  std::optional<wall_time> expires_;  // the earliest; nothing: one of them cannot be read, which means that it is over
};

}  // namespace gateway
