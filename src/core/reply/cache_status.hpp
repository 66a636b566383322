// How an answer came about, as RFC 9211 lets a cache say it: one field, built in one place.
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

struct cache_status {
  enum class way : std::uint8_t { none, hit, miss, bypass, method } how = way::none;  // none: answered without asking the cache
  std::optional<std::chrono::seconds> ttl;
  int forward_status = 0;  // 0: nothing came back
  bool stored = false;
  bool collapsed = false;
  std::string_view detail;  // an sf-token
};

// "summary-gateway; hit; ttl=3540"
void append_cache_status(std::string& out, const cache_status& status);

}  // namespace gateway
