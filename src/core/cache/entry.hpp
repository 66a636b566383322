// One stored answer of the upstream. All parts that are the same for every client are serialised already.
// Thread rule: immutable once made, shared between all workers.
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

// What a stored answer says about the call. The names are words of explain.
enum class answer_kind : std::uint8_t {
  complete,   // a complete summary: only its annotation may change
  not_ready,  // 404/17001: the call exists, its summary is not ready yet
  absent,     // 404/20404: may change at any time
  permanent,  // 17002, 17007: will never change
};
inline constexpr std::size_t answer_kind_count = 4;
std::string_view name_of(answer_kind kind);

// One form of the answer (RFC 9110 §3.2), ready to be sent.
struct representation {
  // X-Origin-Twilio-Request-Id (hits only), the fields for all clients with Access-Control-* first, the empty line, the body.
  std::string wire;
  std::uint32_t shared_at = 0;       // where the fields for all clients start in `wire`
  std::uint32_t access_control = 0;  // how many bytes of them are Access-Control-* fields
  std::uint32_t body_at = 0;         // where the body starts in `wire`
  std::uint32_t etag_at = 0;         // where the quoted ETag starts in `wire`
  std::uint32_t etag_size = 0;       // 0: an error has no ETag

  // For a hit, and for a client that waited for this answer; `with_body` is false for HEAD.
  [[nodiscard]] std::string_view for_hit(bool with_body) const {
    return std::string_view{wire}.substr(0, with_body ? wire.size() : body_at);
  }
  [[nodiscard]] std::string_view for_first(bool with_body) const { return for_hit(with_body).substr(shared_at); }
  // The same without the Access-Control-* fields, in place of which the gateway has its own. `origin`: what only a hit has.
  [[nodiscard]] std::string_view origin() const { return std::string_view{wire}.substr(0, shared_at); }
  [[nodiscard]] std::string_view without_pages(bool with_body) const { return for_first(with_body).substr(access_control); }
  // The fields that a browser needs in each answer, also in a 304, before a page may read it.
  [[nodiscard]] std::string_view for_pages() const { return std::string_view{wire}.substr(shared_at, access_control); }
  [[nodiscard]] std::string_view etag() const { return std::string_view{wire}.substr(etag_at, etag_size); }
  // The Cache-Control for caches on the client side: the line after the ETag.
  [[nodiscard]] std::string_view cache_control() const {
    auto const rest = std::string_view{wire}.substr(etag_at + etag_size);
    return rest.starts_with("\r\nCache-Control: no-store\r\n") ? "no-store" : "private, no-cache";
  }
  [[nodiscard]] std::string_view body() const { return std::string_view{wire}.substr(body_at); }
};

// The members that a lookup reads come first, so that they share one cache line.
struct entry {
  answer_kind kind = answer_kind::complete;
  bool ask_first = false;  // the upstream demands a revalidation before each use (no-cache)
  std::uint16_t status = 200;
  int code = 0;           // Twilio's error code, 0 if none
  mono_time stored_at{};  // Age counts from here: the time of arrival minus the Age at arrival
  // The upstream's own freshness lifetime, counted from `stored_at`. It only shortens the settings' lifetime (core/cache/freshness).
  std::chrono::nanoseconds fresh_at_most = std::chrono::nanoseconds::max();
  mono_time asked_at{};  // when its request was sent: it does not know of a refusal or a change after that
  // It must not be served at or after these moments. Both clocks count: the monotonic clock stops while the machine is suspended, and the
  // wall clock can be set back.
  mono_time gone_at{};
  wall_time gone_by{};
  representation plain;                        // with the upstream's exact body
  std::unique_ptr<const representation> gzip;  // the same compressed, for clients that accept gzip; null: not worth it
  std::optional<account_sid> account;          // the account that the body names

  [[nodiscard]] bool says_the_same_as(const entry& other) const { return status == other.status && plain.body() == other.plain.body(); }
  [[nodiscard]] bool is_gone(const instant& now) const { return now.mono >= gone_at || now.wall >= gone_by; }
};

using entry_ptr = std::shared_ptr<const entry>;

}  // namespace gateway
