// Everything that can keep a request from its summary, by name: the same word in the answer's Gateway-Fault header, in metrics,
// in the log and in tests. What a fault means for the caller stands in core/reply/from_fault.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gateway {

enum class fault : std::uint8_t {
  // The request cannot be read safely: answered once, then the connection closes.
  malformed_request_line,
  malformed_target,
  target_too_long,
  unsupported_version,
  malformed_header,
  header_too_large,
  too_many_headers,
  missing_host,
  duplicate_host,
  malformed_host,
  host_mismatch,
  malformed_content_length,
  malformed_transfer_encoding,
  unsupported_transfer_coding,
  ambiguous_framing,
  malformed_content,
  content_too_large,
  unexpected_body,
  duplicate_authorization,
  unsupported_expectation,
  // The request can be read but is not one we serve.
  method_not_allowed,
  no_such_route,
  route_not_enabled,
  invalid_call_sid,
  invalid_processing_state,
  unknown_parameter,
  unsupported_content_type,
  cross_site,
  missing_credentials,
  unreadable_credentials,
  not_cached,
  missing_token,
  unknown_token,
  // We are protecting ourselves or the upstream.
  client_limit,
  upstream_busy,
  upstream_cooling_down,
  upstream_failing,
  call_failing,
  too_many_waiters,
  // The upstream did not do its part.
  upstream_unreachable,
  upstream_tls,
  upstream_protocol,
  upstream_error,
  upstream_unusable_body,
  upstream_wrong_call,
  upstream_wrong_account,
  upstream_timeout,
  // We failed.
  internal,
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::internal) + 1;

// Who has to act for it to go away.
enum class side : std::uint8_t { client, upstream, ours };

std::string_view name_of(fault f);
side side_of(fault f);

// Refused for now, to protect ourselves or the upstream.
constexpr bool is_shed(fault f) { return f >= fault::client_limit && f < fault::upstream_unreachable; }

// After such a request nothing on its connection can be trusted: it closes once the answer is given.
constexpr bool ends_connection(fault f) { return f < fault::method_not_allowed; }  // defence: malformed-closes

}  // namespace gateway
