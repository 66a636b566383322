// Every reason why a request does not get its summary. A fault has the same name in the answer's Gateway-Fault header, in metrics,
// in the log and in tests. To add a fault, add its word to the enum and its row to the table in fault.cpp.
// Thread rule: values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gateway {

enum class fault : std::uint8_t {
  // The request cannot be read safely.
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
  tls_on_http,
  http_on_tls,
  used_as_proxy,
  // The request can be read, but this gateway does not serve it.
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
  not_permitted,
  other_account,
  account_unknown,
  event_path,
  event_signature,
  event_content,
  // The request is refused for now, to protect this gateway or the upstream.
  client_limit,
  quota_exhausted,
  upstream_busy,
  upstream_cooling_down,
  upstream_failing,
  upstream_paused,
  call_failing,
  large_answers,
  too_many_waiters,
  // The upstream failed, or leads back to this gateway.
  loop,
  upstream_unreachable,
  egress_unreachable,
  egress_refused,
  egress_auth,
  upstream_tls,
  upstream_protocol,
  upstream_unexpected_status,
  upstream_error,
  upstream_unusable_body,
  upstream_body_too_large,
  upstream_wrong_call,
  upstream_wrong_account,
  upstream_foreign_page,
  upstream_timeout,
  upstream_credential_refused,
  upstream_token_unavailable,
  // This gateway failed.
  internal,
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::internal) + 1;

// The side that has to act before the same request can succeed.
enum class side : std::uint8_t { client, upstream, ours };

// All that is known about a fault.
struct fault_row {
  fault what;
  std::string_view name;
  side whose;
  bool closes;                // nothing after such a request can be trusted, so the connection closes after the answer
  int status;                 // of the answer
  int code;                   // in Twilio's error body
  std::string_view message;   // what is wrong and how to correct it; never repeats what a client sent
  std::string_view advice{};  // whether the client may try again; replaced when a write may have been applied
};

const fault_row& row_of(fault f);

std::optional<fault> fault_named(std::string_view name);

inline std::string_view name_of(fault f) { return row_of(f).name; }
inline side side_of(fault f) { return row_of(f).whose; }
inline int status_of(fault f) { return row_of(f).status; }
inline bool ends_connection(fault f) { return row_of(f).closes; }  // defence: malformed-closes

// Refused for now, to protect this gateway or the upstream: RFC 6585 §4.
inline bool is_shed(fault f) { return status_of(f) == 429; }

}  // namespace gateway
