// How the cache handled a request, as a Cache-Status field (RFC 9211). It is built only here.
// Thread rule: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

struct cache_status {
  // none: answered without the cache. request, stale: a stored answer could not be used without revalidation, because of the client's
  // Cache-Control or because it was purged. method: the request changes something.
  enum class way : std::uint8_t { none, hit, miss, request, stale, bypass, method } how = way::none;
  std::optional<std::chrono::seconds> ttl;
  int forward_status = 0;  // 0: no answer came back
  bool stored = false;
  bool collapsed = false;
  std::string_view detail;  // an sf-token
};

// "summary-gateway; hit; ttl=3540"
void append_cache_status(std::string& out, const cache_status& status);

}  // namespace gateway
