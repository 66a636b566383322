// THE list of settings: each with its key, its bounds and one sentence. Reading a file, printing the effective settings, writing the
// commented example and the reference pages are visitors of this one function, so none can forget a key.
// Thread rule: pure.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

#include "core/settings/settings.hpp"

namespace gateway {

inline constexpr std::array<std::string_view, 2> credentials_mode_names{"forward", "inject"};
inline constexpr std::array<std::string_view, 2> sharing_mode_names{"partition", "grants"};
inline constexpr std::array<std::string_view, 3> client_identity_names{"address", "name", "credential"};
inline constexpr std::array<std::string_view, 4> log_level_names{"debug", "info", "warning", "error"};
inline constexpr std::array<std::string_view, 3> access_log_names{"all", "errors_and_slow", "none"};
inline constexpr std::array<std::string_view, 3> told_calls_names{"none", "hashed", "plain"};

// How requests are authorised, here and upstream.
template <class V>
void visit_credentials(V& v, credential_settings& c) {
  using namespace std::chrono_literals;
  v.choice("mode", c.mode, credentials_mode_names,
           "forward: the client's Authorization goes on; inject: the gateway holds the credential.");
  v.choice("sharing", c.sharing, sharing_mode_names,
           "forward: each credential has copies of its own, or sees those of accounts that upstream showed it (grants).");
  v.span("grant_ttl", c.grant_ttl, 1s, 1h, "sharing: grants: how long such a proof counts.");
  v.span("proof_lifetime", c.proof_lifetime, 1s, 24h,
         "How long an answer of the upstream proves that a credential is somebody's; what is unproved never competes with what is proved.");
  v.list("accounts", c.accounts,
         "inject: Twilio credentials. credential_file holds SID:SECRET or a bearer token; read again when it changes.",
         [](V& row, account_settings& one) {
           row.text("name", one.name, "");
           row.text("credential_file", one.credential_file, "");
         });
  v.list("clients", c.clients,
         "inject: who may use which account. A client proves itself by a token (token_file holds what --hash-token prints), "
         "a client certificate's name or its unix_user.",
         [](V& row, client_settings& one) {
           row.text("name", one.name, "");
           row.text("account", one.account, "");
           row.text("token_file", one.token_file, "");
           row.text("certificate", one.certificate, "");
           row.text("unix_user", one.unix_user, "");
         });
  v.text("allow_unauthenticated", c.allow_unauthenticated,
         "inject: the account of clients that prove nothing; only where every listener is loopback or a unix socket. Empty = nobody.");
}

// V offers section(key, prose, body), count, span, bytes, text, texts, flag, choice, choices, states and listeners; each takes the key, the
// value, bounds, prose. And list(key, rows, prose, visit): `visit` is called for each row and visits its settings.
template <class V>
void visit_settings(V& v, settings& s) {
  using namespace std::chrono_literals;
  constexpr std::uint64_t kib = 1024;
  constexpr std::uint64_t mib = 1024 * kib;
  v.count_or_auto("workers", s.workers, 1, 256, "Threads; auto = one per core.");
  v.listeners(
      "listeners", s.listeners,
      "Where clients connect: ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH (with mode and owner of the file); tls is optional. "
      "proxy_protocol: from these addresses each connection must begin with that header, v1 or v2. trusted_proxies: from these, "
      "Forwarded or X-Forwarded-For says whose a request is. Both take addresses and ranges (10.0.0.0/8), for a unix socket: unix.");
  v.text("handover", s.handover,
         "unix:PATH where a successor, started with --take-over by the same user, is given the listening sockets. Empty = none.");
  v.section("admin", "Metrics, health, cache control.", [&] {
    v.text("address", s.admin.address, "Keep it on loopback; any other address needs a token_file.");
    v.text("token_file", s.admin.token_file, "A file whose content must be sent as a bearer token; empty = no token.");
    v.text(
        "metrics_address", s.admin.metrics_address,
        "A second address, for scrapers and probes of other machines: /livez, /readyz and /metrics only, without a token. Empty = none.");
  });
  v.section("upstream", "Twilio, or whoever stands in for it.", [&] {
    v.text("url", s.upstream.url, "https only, unless allow_plaintext is true and the host is loopback. No path.");
    v.flag("allow_plaintext", s.upstream.allow_plaintext, "Lets url be http:// on a loopback host.");
    v.text("ca_file", s.upstream.ca_file, "system, or a PEM bundle of the authorities to trust.");
    v.span("timeout", s.upstream.timeout, 10ms, 5min, "One request, queueing and retries included.");
    v.count("max_in_flight", s.upstream.max_in_flight, 1, 10'000,
            "Requests to the upstream at once, over all workers. How many each account is really allowed is learnt from its 429s.");
    v.count("max_queued", s.upstream.max_queued, 1, 100'000,
            "Requests waiting for their turn, clients served in turn; further ones of whoever has most waiting get 429.");
    v.count("failures_to_break", s.upstream.failures_to_break, 1, 1'000'000,
            "After so many failures in a row (5xx, timeouts, broken connections) an account is only probed, ever more seldom, until one "
            "succeeds.");
    v.span("error_backoff", s.upstream.error_backoff, 0s, 1min,
           "From the second failure in a row on, one call is not asked about for so long, each time twice as long. 0s = always asked.");
    v.span("connect_timeout", s.upstream.connect_timeout, 10ms, 1min, "One TCP connection attempt.");
    v.span("tls_handshake_timeout", s.upstream.tls_handshake_timeout, 10ms, 1min, "One TLS handshake.");
    v.span("idle_timeout", s.upstream.idle_timeout, 100ms, 10min,
           "An unused connection is closed after this; keep it below the server's own.");
    v.span("max_connection_age", s.upstream.max_connection_age, 1s, 24h, "No connection is used again after this: addresses change.");
    v.count("warm_connections", s.upstream.warm_connections, 0, 1'000,
            "Idle connections kept open in advance, over all workers, so that the first miss pays for no handshake.");
    v.span("dns_ttl", s.upstream.dns_ttl, 100ms, 1h, "The name is resolved again after this; if that fails the old addresses go on.");
    v.span("max_retry_after", s.upstream.max_retry_after, 1s, 1h,
           "The longest that the upstream is left alone, whatever Retry-After it sends, and the longest Retry-After sent to clients.");
    v.bytes("max_header_bytes", s.upstream.max_header_bytes, kib, mib, "Of one answer's header.");
    v.bytes("max_body_bytes", s.upstream.max_body_bytes, kib, 64 * mib, "Of one answer's body.");
  });
  v.section("credentials", "How requests are authorised upstream.", [&] { visit_credentials(v, s.credentials); });
  v.section("cache", "Complete summaries, kept in memory.", [&] {
    v.bytes("max_bytes", s.cache.max_bytes, mib, 1024 * 1024 * mib, "All entries, keys and overhead included.");
    v.bytes("max_entry_bytes", s.cache.max_entry_bytes, 4 * kib, 64 * mib, "A larger answer is delivered but not kept.");
    v.flag("gzip", s.cache.gzip, "Also keep summaries of 1 KiB and more compressed, for clients that list gzip.");
    v.span("fresh_for", s.cache.freshness.fresh_for, 0s, 24h * 30, "Then a complete summary is served stale while one refresh runs.");
    v.span("stale_for", s.cache.freshness.stale_for, 0s, 24h * 30,
           "So long after fresh_for; then upstream is asked first, and the summary kept for the case that it fails.");
    v.states("serve_complete_for", s.cache.freshness.complete_answers, "Which ProcessingState values a cached complete summary answers.");
    v.span("not_ready_for", s.cache.freshness.not_ready_for, 0s, 10min, "How long 404/17001 is answered from memory.");
    v.span("absent_for", s.cache.freshness.absent_for, 0s, 10min, "How long 404/20404 is answered from memory.");
    v.span("permanent_for", s.cache.freshness.permanent_for, 0s, 24h, "How long 17002 and 17007 are answered from memory.");
    v.span("refresh_backoff", s.cache.freshness.refresh_backoff, 100ms, 10min, "Between two attempts to refresh one stale summary.");
    v.span("revalidate_after", s.cache.freshness.revalidate_after, 0s, 1h,
           "Between two revalidations of one answer that clients force with Cache-Control: no-cache or max-age.");
    v.choices(
        "honour_upstream", s.cache.freshness.honoured, upstream_directive_names,
        "What the upstream's Cache-Control and Expires may say. no-store, private: not kept. no-cache: asked again at each use. max-age, "
        "s-maxage, Expires: kept fresh for less than the settings say. None makes the upstream asked more often than revalidate_after.");
  });
  v.section("snapshot", "Complete summaries on disk, so that a restart does not begin with an empty cache.", [&] {
    v.text(
        "file", s.snapshot.file,
        "Written now and then and at the end, read at start; holds summaries and no credential. Beside it lie FILE.lock and, while it is "
        "written, FILE.tmp. Empty = none.");
    v.span("every", s.snapshot.every, 100ms, 24h, "Between two of them, while anything changes.");
    v.text("key_file", s.snapshot.key_file,
           "Seals it (AES-256-GCM): a file of 32 random bytes as 64 hexadecimal digits or base64, which nobody else may read. Empty = not "
           "sealed.");
  });
  v.section("limits", "What one client, or all of them, may take.", [&] {
    v.count(
        "max_connections", s.limits.max_connections, 1, 1'000'000,
        "Client connections at once. One more takes the place of the one that has been longest without a finished request, of the address "
        "that holds most; only if all are being answered it is closed.");
    v.count("max_connections_per_address", s.limits.max_connections_per_address, 0, 1'000'000,
            "Of one IPv4 address or IPv6 /64 network; further ones are closed. Not for loopback and trusted proxies. 0 = no bound but "
            "max_connections.");
    v.count("max_waiters", s.limits.max_waiters, 1, 1'000'000, "Requests waiting for the upstream at once; further ones get 429.");
    v.count("max_waiters_per_call", s.limits.max_waiters_per_call, 1, 1'000'000, "Of these, readers who wait for one and the same answer.");
    v.bytes("max_header_bytes", s.limits.head.max_bytes, kib, 64 * kib, "Of one request: request line and fields.");
    v.bytes("max_target_bytes", s.limits.head.max_target_bytes, 128, 32 * kib, "Of one request's target.");
    v.count("max_headers", s.limits.head.max_fields, 8, 1'000, "Fields of one request.");
    v.bytes("max_content_bytes", s.limits.max_content_bytes, kib, mib, "Of one request's content.");
    v.count("max_pipelined", s.limits.max_pipelined, 1, 1'000,
            "Requests of one connection that are answered in one write; others wait for it.");
    v.span("tls_handshake_timeout", s.limits.tls_handshake_timeout, 10ms, 5min, "For a client to finish its TLS handshake.");
    v.span("header_timeout", s.limits.header_timeout, 10ms, 5min, "From the first byte of a request to its last, content included.");
    v.span("idle_timeout", s.limits.idle_timeout, 10ms, 1h, "Between requests on one connection.");
    v.span("write_timeout", s.limits.write_timeout, 10ms, 10min, "For a client to take an answer.");
    v.span("request_timeout", s.limits.request_timeout, 10ms, 1h, "From the first byte of a request to the last of its answer.");
    v.span("drain_delay", s.limits.drain_delay, 0s, 10min,
           "After SIGTERM: not ready, but connections are still taken, so that whoever sends them has time to hear of it.");
    v.span("drain_timeout", s.limits.drain_timeout, 0s, 10min, "Then, for requests under way.");
  });
  v.section("client_limit", "A bound on one client's requests, hits included: against abuse, off by default.", [&] {
    v.choice("by", s.client_limit.by, client_identity_names,
             "Who counts as one client: address (IPv4, or IPv6 /64), name (of its certificate; without one, its address) or credential "
             "(until Twilio has accepted it, its address).");
    v.count("requests", s.client_limit.requests, 0, 1'000'000'000,
            "So many in a row, and so many `per`; further ones get 429. 0 = no limit.");
    v.span("per", s.client_limit.per, 1s, 24h, "The time in which they come back.");
  });
  v.choices(
      "passthrough", s.passthrough, passthrough_names,
      "Other resources to pass on, uncached: call (/v1/Voice/{CallSid}), events and metrics (below it), summaries (/v1/Voice/Summaries).");
  v.section("cors", "What browsers are told in answer to a preflight.", [&] {
    v.texts("allow_origins", s.cors.allow_origins, "Origins whose pages may ask: SCHEME://HOST[:PORT], or * for all, as Twilio answers.");
    v.span("max_age", s.cors.max_age, 0s, 24h, "How long a browser may remember that.");
  });
  v.section("log", "What is told of events, on standard error, and of requests (deploy/access-log.md).", [&] {
    v.choice("level", s.log.level, log_level_names, "debug, info, warning or error.");
    v.choice("access", s.log.access, access_log_names, "Which requests get a line: all, errors_and_slow or none.");
    v.text("access_file", s.log.access_file, "Where those lines go; opened anew on SIGUSR1. Empty = standard error.");
    v.count("sample", s.log.sample, 0, 1'000'000,
            "errors_and_slow: also one in so many of the others, with that number as its weight. 0 = none of them.");
    v.choice("call_sids", s.log.call_sids, told_calls_names,
             "How lines name the call: none, hashed (the same within one run of the gateway) or plain.");
    v.span("slow_after", s.log.slow_after, 1ms, 1min, "From here on a request counts as slow, and is remembered for /api/slow.");
  });
  v.section("tracing", "Spans of requests, for an OpenTelemetry collector.", [&] {
    v.text(
        "otlp_url", s.tracing.otlp_url,
        "http:// or https://HOST[:PORT] of a collector that takes OTLP/HTTP in JSON (at /v1/traces). Sent are requests whose traceparent "
        "says sampled, slow and failed ones, and those that log.sample takes. Empty = none.");
    v.text("ca_file", s.tracing.ca_file, "system, or a PEM bundle of the authorities to trust, for https.");
  });
  v.flag("server_timing", s.server_timing, "Adds Server-Timing with the hops to every 200.");
}

}  // namespace gateway
