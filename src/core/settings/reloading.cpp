#include "core/settings/reloading.hpp"

#include <algorithm>

namespace gateway {
namespace {

// A section stands for all of its settings.
constexpr std::string_view live[]{
    "listeners",
    "admin.token_file",
    "upstream.allow_plaintext",
    "upstream.ca_file",
    "upstream.timeout",
    "upstream.max_in_flight",
    "upstream.max_queued",
    "upstream.failures_to_break",
    "upstream.error_backoff",
    "upstream.connect_timeout",
    "upstream.tls_handshake_timeout",
    "upstream.idle_timeout",
    "upstream.max_connection_age",
    "upstream.warm_connections",
    "upstream.dns_ttl",
    "upstream.max_retry_after",
    "upstream.max_header_bytes",
    "upstream.max_body_bytes",
    "credentials.grant_ttl",
    "credentials.proof_lifetime",
    "credentials.accounts",
    "credentials.clients",
    "credentials.allow_unauthenticated",
    "cache",
    "limits.max_connections",
    "limits.max_waiters",
    "limits.max_waiters_per_call",
    "limits.max_header_bytes",
    "limits.max_target_bytes",
    "limits.max_headers",
    "limits.max_content_bytes",
    "limits.max_pipelined",
    "limits.tls_handshake_timeout",
    "limits.header_timeout",
    "limits.idle_timeout",
    "limits.write_timeout",
    "limits.request_timeout",
    "limits.drain_delay",
    "limits.drain_timeout",
    "client_limit",
    "passthrough",
    "cors",
    "log.level",
    "log.access",
    "log.sample",
    "log.call_sids",
    "log.slow_after",
    "server_timing",
};

}  // namespace

bool is_live(std::string_view key) {
  auto const names = [&](std::string_view listed) { return key == listed || (key.starts_with(listed) && key[listed.size()] == '.'); };
  return std::ranges::any_of(live, names);
}

}  // namespace gateway
