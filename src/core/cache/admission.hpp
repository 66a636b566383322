// Why an answer of the upstream was given to its readers, if at all, without being kept. Each answer is either stored or has exactly
// one of these reasons: labels of a metric, words of explain and tests.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gateway {

enum class not_stored : std::uint8_t {
  // Its identity is wrong: not delivered either.
  wrong_call,     // call_sid is not the one asked for
  wrong_account,  // account_sid is another one than that of the answer kept before
  unusable_body,  // not one JSON object to its end
  // Delivered, but no answer to anybody else.
  partial,            // processing_state "partial"
  unknown_state,      // processing_state missing, null or no word that we know
  content_type,       // not application/json
  ambiguous,          // a member that decides stands there twice or cannot be read
  malformed_account,  // account_sid is neither null nor an account's identifier
  record_over,        // the call ended more than 30 days ago
  upstream_forbids,   // a directive of its Cache-Control, by cache.honour_upstream
  client_forbids,     // who asked said Cache-Control: no-store
  too_large,          // cache.max_entry_bytes
  lesser,             // a complete summary is kept, and this says less
  overtaken,          // purged or revoked while it was being fetched
  never,              // refusals, throttling, failures
};
inline constexpr std::size_t not_stored_count = static_cast<std::size_t>(not_stored::never) + 1;
std::string_view name_of(not_stored reason);

// Is there a newer complete summary that just may not be kept? Then what was kept before must not outlive it.
constexpr bool outdates(not_stored reason) {
  return reason == not_stored::record_over || reason == not_stored::upstream_forbids || reason == not_stored::too_large;
}

// Is it an answer that says nothing newer than a complete summary? A partial, or what cannot be told from one.
constexpr bool is_no_version(not_stored reason) { return reason >= not_stored::partial && reason <= not_stored::malformed_account; }

}  // namespace gateway
