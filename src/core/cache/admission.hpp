// The reasons for which an answer of the upstream is not stored. Each answer is either stored or has exactly one reason. The names are
// labels of a metric and words of explain.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gateway {

enum class not_stored : std::uint8_t {
  // The answer is about something else or unreadable, so it is not delivered either.
  wrong_call,     // call_sid is not the one asked for
  wrong_account,  // account_sid differs from that of the answer stored before
  unusable_body,  // not exactly one JSON object
  // Delivered to the clients that waited, but not stored.
  partial,            // processing_state "partial"
  unknown_state,      // processing_state is missing, null or an unknown word
  content_type,       // not application/json
  ambiguous,          // a member that decides occurs twice or cannot be read
  malformed_account,  // account_sid is neither null nor an account SID
  record_over,        // the call ended more than 30 days ago
  upstream_forbids,   // a directive of its Cache-Control, by cache.honour_upstream
  client_forbids,     // the client sent Cache-Control: no-store
  too_large,          // cache.max_entry_bytes
  lesser,             // a complete summary is stored, and this answer says less
  overtaken,          // purged or revoked during the fetch
  erased,             // it holds a number that an operator has erased
  never,              // refusals, throttling, failures
};
inline constexpr std::size_t not_stored_count = static_cast<std::size_t>(not_stored::never) + 1;
std::string_view name_of(not_stored reason);

// Whether a newer complete summary exists that may not be stored. The entry stored before must not outlive it.
constexpr bool outdates(not_stored reason) {
  return reason == not_stored::record_over || reason == not_stored::upstream_forbids || reason == not_stored::too_large;
}

// Whether the answer is no newer version of a complete summary: a partial, or an answer that may be a partial.
constexpr bool is_no_version(not_stored reason) { return reason >= not_stored::partial && reason <= not_stored::malformed_account; }

}  // namespace gateway
