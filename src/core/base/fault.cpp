#include "core/base/fault.hpp"

#include <array>

namespace gateway {
namespace {

constexpr std::array<std::string_view, fault_count> names{
    "malformed_request_line",
    "malformed_target",
    "target_too_long",
    "unsupported_version",
    "malformed_header",
    "header_too_large",
    "too_many_headers",
    "missing_host",
    "duplicate_host",
    "malformed_host",
    "host_mismatch",
    "malformed_content_length",
    "malformed_transfer_encoding",
    "unsupported_transfer_coding",
    "ambiguous_framing",
    "malformed_content",
    "content_too_large",
    "unexpected_body",
    "duplicate_authorization",
    "unsupported_expectation",
    "method_not_allowed",
    "no_such_route",
    "route_not_enabled",
    "invalid_call_sid",
    "invalid_processing_state",
    "unknown_parameter",
    "unsupported_content_type",
    "cross_site",
    "missing_credentials",
    "unreadable_credentials",
    "not_cached",
    "missing_token",
    "unknown_token",
    "client_limit",
    "upstream_busy",
    "upstream_cooling_down",
    "upstream_failing",
    "call_failing",
    "too_many_waiters",
    "upstream_unreachable",
    "upstream_tls",
    "upstream_protocol",
    "upstream_error",
    "upstream_unusable_body",
    "upstream_wrong_call",
    "upstream_wrong_account",
    "upstream_timeout",
    "internal",
};
static_assert(!names.back().empty(), "a fault without a name");

}  // namespace

std::string_view name_of(fault f) { return names[static_cast<std::size_t>(f)]; }

side side_of(fault f) {
  if (f < fault::client_limit) return side::client;
  if (is_shed(f) || f == fault::internal) return side::ours;
  return side::upstream;
}

}  // namespace gateway
