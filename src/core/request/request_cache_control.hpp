// What a client's Cache-Control, or its Pragma, asks of a cache. Source: RFC 9111 §5.2.1, §5.4.
// max-stale is not read: how old an answer may be served is the operator's decision (core/cache/freshness).
// Thread rule: values.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace gateway {

class request_cache_control {
public:
  // Each line of the field, as it is met. What is not understood is ignored.
  void add_cache_control(std::string_view value);
  void add_pragma(std::string_view value);

  // Not what is kept, but what the upstream says now? Asked of an answer that may be given otherwise.
  [[nodiscard]] bool wants_newer(std::chrono::seconds age, std::chrono::seconds ttl) const {
    return no_cache() || (max_age_ && (age > *max_age_ || max_age_->count() == 0)) || (min_fresh_.count() > 0 && ttl < min_fresh_);
  }
  // The answer is for this client alone: it may come from the cache, but not go there.
  [[nodiscard]] bool no_store() const { return no_store_; }
  // Nothing may be asked of the upstream.
  [[nodiscard]] bool only_if_cached() const { return only_if_cached_; }

private:
  // Pragma is for caches that do not know Cache-Control: it counts only where there is none.
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
