// The cache directives of a client's Cache-Control or Pragma. Source: RFC 9111 §5.2.1, §5.4.
// max-stale is ignored: the operator decides how stale an answer may be (core/cache/freshness).
// Thread rule: values.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace gateway {

class request_cache_control {
public:
  // Call it for each line of the field. Unknown directives are ignored.
  void add_cache_control(std::string_view value);
  void add_pragma(std::string_view value);

  // Whether the client asks for a newer answer than this stored one, which could otherwise be served.
  [[nodiscard]] bool wants_newer(std::chrono::seconds age, std::chrono::seconds ttl) const {
    return no_cache() || (max_age_ && (age > *max_age_ || max_age_->count() == 0)) || (min_fresh_.count() > 0 && ttl < min_fresh_);
  }
  // The answer may come from the cache, but must not be stored.
  [[nodiscard]] bool no_store() const { return no_store_; }
  // The request must not go to the upstream.
  [[nodiscard]] bool only_if_cached() const { return only_if_cached_; }

private:
  // Pragma is for caches without Cache-Control support: it counts only if the request has no Cache-Control.
  [[nodiscard]] bool no_cache() const { return no_cache_ || (pragma_no_cache_ && !has_cache_control_); }

  std::optional<std::chrono::seconds> max_age_;
  std::chrono::seconds min_fresh_{0};
  bool no_cache_ = false;
  bool no_store_ = false;
  bool only_if_cached_ = false;
  bool pragma_no_cache_ = false;
  bool has_cache_control_ = false;
};

}  // namespace gateway
