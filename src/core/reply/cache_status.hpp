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
  // none: answered without asking the cache. request, stale: what is kept could not be used unasked, because the client insisted or
  // because it was purged. method: what was asked for changes something.
  enum class way : std::uint8_t { none, hit, miss, request, stale, bypass, method } how = way::none;
  std::optional<std::chrono::seconds> ttl;
  int forward_status = 0;  // 0: nothing came back
  bool stored = false;
  bool collapsed = false;
  std::string_view detail;  // an sf-token
};

// "summary-gateway; hit; ttl=3540"
void append_cache_status(std::string& out, const cache_status& status);

}  // namespace gateway
