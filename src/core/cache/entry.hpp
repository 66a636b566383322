// One answer of the upstream as it will be given again: everything that is the same for each reader is already serialised.
// Thread rule: immutable once made, shared freely between workers.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"

namespace gateway {

// What a remembered answer says about the call. Names are words of explain.
enum class answer_kind : std::uint8_t {
  complete,   // a complete summary: frozen but for its annotation
  not_ready,  // 404/17001: valid call, summary still being made
  absent,     // 404/20404: may change at any time
  permanent,  // 17002, 17007: will not change any more
};
inline constexpr std::size_t answer_kind_count = 4;
std::string_view name_of(answer_kind kind);

// One form of the answer (RFC 9110 §3.2), ready to be sent.
struct representation {
  // X-Origin-Twilio-Request-Id (hits only), fields for everybody, Access-Control-* the first of them, the empty line, the body.
  std::string wire;
  std::uint32_t shared_at = 0;       // where the fields for everybody start in `wire`
  std::uint32_t access_control = 0;  // how many bytes of them are Access-Control-* fields
  std::uint32_t body_at = 0;         // where the body starts in `wire`
  std::uint32_t etag_at = 0;         // where the quoted ETag stands in `wire`
  std::uint32_t etag_size = 0;       // 0: errors have none

  // For a hit, and for a reader who waited for just this answer; `with_body` false for HEAD.
  [[nodiscard]] std::string_view for_hit(bool with_body) const {
    return std::string_view{wire}.substr(0, with_body ? wire.size() : body_at);
  }
  [[nodiscard]] std::string_view for_first(bool with_body) const { return for_hit(with_body).substr(shared_at); }
  // What a browser must see in each answer, a 304 as well, before it lets a page have it.
  [[nodiscard]] std::string_view for_pages() const { return std::string_view{wire}.substr(shared_at, access_control); }
  [[nodiscard]] std::string_view etag() const { return std::string_view{wire}.substr(etag_at, etag_size); }
  // What a cache behind us may do with it: the line that follows the ETag.
  [[nodiscard]] std::string_view cache_control() const {
    auto const rest = std::string_view{wire}.substr(etag_at + etag_size);
    return rest.starts_with("\r\nCache-Control: no-store\r\n") ? "no-store" : "private, no-cache";
  }
  [[nodiscard]] std::string_view body() const { return std::string_view{wire}.substr(body_at); }
};

// What a look needs stands together in front, so that it costs one cache line.
struct entry {
  answer_kind kind = answer_kind::complete;
  bool ask_first = false;  // the upstream wants to be asked before it is used again (no-cache)
  std::uint16_t status = 200;
  int code = 0;           // Twilio's error code, 0 if none
  mono_time stored_at{};  // Age counts from here: when it came, less the Age that it had then
  // What the upstream says of how long it is good, from `stored_at` on; it only ever shortens what the settings say (core/cache/freshness).
  std::chrono::nanoseconds fresh_at_most = std::chrono::nanoseconds::max();
  mono_time asked_at{};  // when its question was sent: a refusal or a change after that is news that it does not have
  // Must not be given to anybody at or after this moment, on either clock: the monotonic one stands still while a machine is suspended,
  // the other one can be set back.
  mono_time gone_at{};
  wall_time gone_by{};
  representation plain;                        // the upstream's exact bytes
  std::unique_ptr<const representation> gzip;  // the same compressed, for clients that list gzip; null: it would not pay
  std::optional<account_sid> account;          // whose call it is, as the body says

  [[nodiscard]] bool says_the_same_as(const entry& other) const { return status == other.status && plain.body() == other.plain.body(); }
  [[nodiscard]] bool is_gone(const instant& now) const { return now.mono >= gone_at || now.wall >= gone_by; }
};

using entry_ptr = std::shared_ptr<const entry>;

}  // namespace gateway
