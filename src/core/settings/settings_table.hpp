// THE list of settings: each with its key, when a change applies, its bounds and one sentence. Reading a file, printing the effective
// settings, judging a reload, the commented example and the reference pages all visit this one function, so none can miss a key.
// Thread rule: pure.
#pragma once

#include <array>
#include <chrono>
#include <string_view>
#include <vector>

#include "core/settings/settings_sections.hpp"
#include "core/settings/upstreams.hpp"

namespace gateway {

// The names of what a list of choices holds, for visitors that write it.
template <std::size_t N>
std::vector<std::string_view> chosen(const std::array<bool, N>& value, const std::array<std::string_view, N>& names) {
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i < N; ++i) {
    if (value[i]) all.push_back(names[i]);
  }
  return all;
}
inline std::vector<std::string_view> chosen(const bool (&value)[processing_state_count]) {
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i < processing_state_count; ++i) {
    if (value[i]) all.push_back(name_of(static_cast<processing_state>(i)));
  }
  return all;
}

// V offers section(key, prose, body) and one function for each form of value: count, count_or_auto, span, spans, bytes, bytes_or_auto,
// sizes, text, texts, flag, choice, choices, states and listeners. Each takes the key, the value, its bounds or names if it has them, and
// the prose. V also offers list(key, rows, prose, visit): it calls `visit` for each row to visit the row's settings, which apply when the
// list does. In a row, group(key, is_set, body) holds settings that belong together. list_like(key, rows, like, prose, visit): what a row
// does not set is as in `like`.
template <class V>
void visit_settings(V& v, settings& s) {
  using namespace std::chrono_literals;
  constexpr std::uint64_t kib = 1024;
  constexpr std::uint64_t mib = 1024 * kib;
  v.count_or_auto(
      at_start("workers"), s.workers, 1, 256,
      "Number of worker threads. auto: one for each core that the process may use; the CPU quota of its container counts, rounded up.");
  v.listeners(
      live("listeners"), s.listeners,
      "Addresses where clients connect: ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH, which may have a mode and an owner. tls is optional. A "
      "connection from an address in proxy_protocol must begin with a PROXY header, version 1 or 2. On a connection from trusted_proxies, "
      "Forwarded or X-Forwarded-For names the client. Both lists take addresses, ranges (10.0.0.0/8) and the word unix for a unix socket. "
      "public_url is the listener's https://HOST[:PORT] as clients write it, for the pages of lists; needed if a balancer before the "
      "gateway speaks TLS. upstream names an entry of upstreams; without it, the listener serves the section upstream.");
  v.text(at_start("handover"), s.handover,
         "Where a successor fetches the listening sockets: unix:PATH. The successor runs as the same user and starts with --take-over. "
         "Empty: no handover.");
  v.section("admin", "The admin listener: dashboard, metrics, health, cache control.", [&] { visit_admin(v, s.admin); });
  v.section("upstream", "Twilio, or another server in its place.", [&] {
    visit_upstream(v, s.upstream);
    v.bytes(live("max_header_bytes"), s.upstream.max_header_bytes, kib, mib, "Largest header section of an answer of the upstream.");
    v.bytes(live("max_body_bytes"), s.upstream.max_body_bytes, kib, 64 * mib, "Largest body of an answer of the upstream.");
    v.bytes(live("max_passthrough_bytes"), s.upstream.max_passthrough_bytes, kib, 256 * mib,
            "Largest body of a list that passes through, if it is more than max_body_bytes. A larger one is 502 upstream_body_too_large.");
    v.bytes(live("max_passthrough_total_bytes"), s.upstream.max_passthrough_total_bytes, kib, 16 * 1024 * mib,
            "Most bytes of answers beyond max_body_bytes that arrive or wait for their clients, over all workers. Beyond it: 429 "
            "large_answers.");
    v.texts(live("answer_fields"), s.upstream.answer_fields,
            "Further header fields of the upstream's answers that clients get. The page of the HTTP API lists those that they always get.");
  });
  v.list_like(live("upstreams"), s.upstreams, another_upstream(s.upstream),
              "Further upstreams, such as other regions of Twilio. Each has a name, a url, and summaries, a limit, connections and trusted "
              "authorities of its own. What an entry does not set is as in the section upstream. A listener names the one that it serves. "
              "Added and removed entries need a restart, and so does another url, connect_to or proxy.",
              [](V& row, upstream_settings& one) {
                row.text(live("name"), one.name, "");
                visit_upstream(row, one);
              });
  v.section("credentials", "How requests are authorised, here and upstream.", [&] { visit_credentials(v, s.credentials); });
  v.section("cache", "The cache: complete summaries and short-lived refusals, in memory.", [&] {
    v.bytes_or_auto(
        live("max_bytes"), s.cache.max_bytes, least_cache_bytes, most_cache_bytes,
        "Memory for all cached answers, keys and overhead included. When it is full, the least recently used answer is evicted. "
        "auto: of what limits.max_connections leave, three quarters of the container's memory or half of the machine's.");
    v.bytes(live("max_entry_bytes"), s.cache.max_entry_bytes, 4 * kib, 64 * mib,
            "Largest answer that is cached. A larger one is delivered but not stored.");
    v.flag(live("gzip"), s.cache.gzip, "Whether summaries of 1 KiB and more are also stored compressed, for clients that accept gzip.");
    v.span(live("fresh_for"), s.cache.freshness.fresh_for, 0s, longest_freshness,
           "How long a complete summary is served from memory before it is stale.");
    v.span(live("stale_for"), s.cache.freshness.stale_for, 0s, 24h * 30,
           "How long a stale summary is still served at once, while one refresh runs. Later it is served only if the upstream fails.");
    v.states(live("serve_complete_for"), s.cache.freshness.complete_answers,
             "Values of ProcessingState that a cached complete summary answers. absent: requests without the parameter.");
    v.span(live("not_ready_for"), s.cache.freshness.not_ready_for, 0s, 10min,
           "Shortest time for which a 404 with code 17001 (summary not ready) is answered from memory. The polling section says how long.");
    v.span(live("absent_for"), s.cache.freshness.absent_for, 0s, 10min,
           "How long a 404 with code 20404 or 17000 (no such call for this credential) is answered from memory.");
    v.span(live("permanent_for"), s.cache.freshness.permanent_for, 0s, 24h,
           "How long an answer with code 17002 (call too old) or 17007 (not enabled) is answered from memory.");
    v.span(live("refresh_backoff"), s.cache.freshness.refresh_backoff, 100ms, 10min,
           "Shortest time between two attempts to refresh the same stale summary.");
    v.span(live("revalidate_after"), s.cache.freshness.revalidate_after, 0s, 1h,
           "Shortest time between two revalidations of one answer that clients demand with Cache-Control: no-cache, max-age or min-fresh.");
    v.choices(live("honour_upstream"), s.cache.freshness.honoured, upstream_directive_names,
              "Directives of the upstream that are obeyed. no-store, private: the answer is not stored. no-cache: each use is revalidated. "
              "max-age, s-maxage, Expires: they can shorten freshness. Revalidations still keep the distance of revalidate_after.");
    v.span(live("erased_for"), s.cache.erased_for, 0s, 24h * 30,
           "How long after a number was erased (POST /api/erase) new answers that hold it are delivered but not stored. 0s: only answers "
           "to requests from before the erasure are not stored.");
  });
  v.section("polling", "Calls whose summary is not ready: when the upstream is asked again, and how long readers may wait.", [&] {
    v.span(live("max_hold"), s.polling.max_hold, 0s, 10min,
           "Longest time that Prefer: wait=N may hold a reader until its call is ready. Keep it below the timeouts of clients and "
           "balancers. 0s: no reader is held. If it is not set, a shorter limits.request_timeout shortens it.");
    v.span(live("longest_step"), s.polling.longest_step, 0s, 30min,
           "Longest time between two questions to the upstream about one call while the call's end is not known. The first ones come after "
           "15, 30 and 60 seconds.");
    v.span(live("complete_after"), s.polling.complete_after, 0s, 2h,
           "Time from a call's end to the moment when its complete summary is expected. Until then the upstream is not asked again.");
  });
  v.section("shadow",
            "Which policy would be better: hit ratio and upstream calls of other settings, estimated at /api/shadow. Off by default.",
            [&] { visit_shadow(v, s.shadow); });
  v.section("snapshot", "Complete summaries on disk, so that a restart does not begin with an empty cache.", [&] {
    v.text(at_start("file"), s.snapshot.file,
           "File for the complete summaries of the cache, without any credential. It is read at start and written regularly. FILE.lock and "
           "FILE.tmp may lie beside it. Empty: no snapshot.");
    v.span(at_start("every"), s.snapshot.every, 100ms, 24h, "Time between two snapshots, if the cache has changed.");
    v.text(at_start("key_file"), s.snapshot.key_file,
           "File with the key that encrypts the snapshot (AES-256-GCM): 32 random bytes as 64 hexadecimal digits or base64. Other users "
           "must not be able to read it. Empty: not encrypted.");
  });
  v.section("fleet", "Many gateways that behave as one, through an engine: Redis or Valkey. Off by default.", [&] {
    v.text(at_start("url"), s.fleet.url,
           "The engine: redis://HOST:PORT, rediss://HOST:PORT for TLS, or unix:/PATH. All gateways of a fleet name the same one. In a "
           "cluster it is any node. Empty: no fleet, unless sentinel.name is set.");
    v.section("sentinel", "Instead of fleet.url: Redis Sentinels, which know the engine's primary.", [&] {
      v.text(at_start("name"), s.fleet.sentinel.name, "The name that the Sentinels have for the primary. Empty: no Sentinel.");
      v.texts(at_start("addresses"), s.fleet.sentinel.addresses, "The Sentinels: HOST:PORT, asked in this order.");
      v.flag(at_start("tls"), s.fleet.sentinel.tls, "Whether the Sentinels and the engine are reached by TLS.");
    });
    v.text(at_start("user"), s.fleet.user, "The ACL user that the gateway is for the engine. Empty: the engine's default user.");
    v.text(at_start("password_file"), s.fleet.password_file,
           "File with the password for the engine. Other users must not be able to read it. Empty: no login.");
    v.text(at_start("ca_file"), s.fleet.ca_file, "Certificate authorities that are trusted for a rediss:// engine: system, or a PEM file.");
    v.text(at_start("key_file"), s.fleet.key_file,
           "File with the keys of the fleet, the same in all its gateways: 32 random bytes as 64 hexadecimal digits a line. The first line "
           "encrypts and all lines decrypt. The last line must never change. Other users must not be able to read it.");
    v.text(at_start("namespace"), s.fleet.name_space,
           "What the names of all keys in the engine begin with, in braces. Fleets that share an engine need different namespaces.");
    v.span(at_start("timeout"), s.fleet.timeout, 1ms, 1s,
           "Longest wait for one reply of the engine. After it, the gateway goes on alone until the engine answers again.");
    v.choices(at_start("share"), s.fleet.share, fleet_share_names,
              "What the gateways share. cache: summaries and refusals. flights: one fetch for all. limit: the account's limit. marks: "
              "purges, refused credentials and changes of calls.");
  });
  v.section("events", "Events of Twilio's Event Streams, which say at once that a summary is complete. Off by default.",
            [&] { visit_events(v, s.events); });
  v.section("limits", "Bounds on what one client, or all clients together, may use.", [&] {
    v.count(live("max_connections"), s.limits.max_connections, 1, 1'000'000,
            "Most client connections at once. A further one replaces an idle or unfinished connection of the address that has most. If "
            "every connection is being answered, the new one is closed.");
    v.count(at_start("max_connections_per_address"), s.limits.max_connections_per_address, 0, 1'000'000,
            "Most connections of one IPv4 address or IPv6 /64 network. Further ones are closed. Loopback and trusted proxies are exempt. "
            "0: no such bound.");
    v.count(live("max_waiters"), s.limits.max_waiters, 1, 1'000'000,
            "Most requests that wait for the upstream at once. Further ones get 429.");
    v.count(live("max_waiters_per_call"), s.limits.max_waiters_per_call, 1, 1'000'000,
            "Most requests that wait for the same answer at once. Further ones get 429.");
    v.bytes(live("max_header_bytes"), s.limits.head.max_bytes, kib, 64 * kib,
            "Largest header section of a request, its request line included.");
    v.bytes(live("max_target_bytes"), s.limits.head.max_target_bytes, 128, 32 * kib, "Longest target (path and query) of a request.");
    v.count(live("max_headers"), s.limits.head.max_fields, 8, 1'000, "Most header fields of a request.");
    v.bytes(live("max_content_bytes"), s.limits.max_content_bytes, kib, mib, "Largest content of a request.");
    v.count(live("max_pipelined"), s.limits.max_pipelined, 1, 1'000,
            "Most pipelined requests of one connection that are answered in one write. Further ones wait for the next write.");
    v.span(live("tls_handshake_timeout"), s.limits.tls_handshake_timeout, 10ms, 5min, "Time limit for the TLS handshake of a client.");
    v.span(live("header_timeout"), s.limits.header_timeout, 10ms, 5min,
           "Time limit from a request's first byte to its last, content included.");
    v.span(live("idle_timeout"), s.limits.idle_timeout, 10ms, 1h, "How long a client connection may be idle between two requests.");
    v.span(live("client_ca_grace"), s.limits.client_ca_grace, 10ms, 1h,
           "How long a connection may stay idle after client_ca of its listener has changed. Its next answer is its last.");
    v.span(live("write_timeout"), s.limits.write_timeout, 10ms, 10min, "Time limit for a client to receive an answer.");
    v.span(live("request_timeout"), s.limits.request_timeout, 10ms, 1h,
           "Time limit from a request's first byte to the last byte of its answer.");
    v.span(live("drain_delay"), s.limits.drain_delay, 0s, 10min,
           "Time after SIGTERM in which connections are still accepted although /readyz says not ready. Load balancers learn of it "
           "meanwhile.");
    v.span(live("drain_timeout"), s.limits.drain_timeout, 0s, 10min,
           "Time limit for requests under way when the gateway stops. It begins after drain_delay.");
  });
  v.section("client_limit", "A rate limit for each client, hits included. Off by default.", [&] {
    v.choice(live("by"), s.client_limit.by, client_identity_names,
             "What identifies a client. address: the IPv4 address or IPv6 /64 network. name: its certificate's name, else its address. "
             "credential: its Twilio credential once accepted, else its address.");
    v.count(live("requests"), s.client_limit.requests, 0, 1'000'000'000,
            "Requests that a client may send in a burst, and in each period on average. Further ones get 429. 0: no limit.");
    v.span(live("per"), s.client_limit.per, 1s, 24h, "Period in which a client may send client_limit.requests.");
  });
  v.choices(
      live("passthrough"), s.passthrough, passthrough_names,
      "Further resources of Insights that are forwarded uncached. call: /v1/Voice/{CallSid}. events, metrics: the paths below it. "
      "summaries: /v1/Voice/Summaries. conferences, video_rooms: with their participants. settings: /v1/Voice/Settings. reports: "
      "/v2/Voice/Reports. v3: /v3/InsightsDomains. all: all of these. They are read only; the words with .write allow POST and are not "
      "in all.");
  v.flag(live("livez"), s.livez,
         "Whether the data listeners answer GET /livez, for health checks of load balancers. It needs no credential.");
  v.choice(live("unknown_parameters"), s.unknown_parameters, unknown_parameters_names,
           "What becomes of a summary request with a query parameter that a Summary does not have. refuse: it gets 400. pass_uncached: it "
           "goes upstream with its query, and the answer is not stored.");
  v.section("cors", "Which pages of browsers may read answers (CORS).", [&] {
    v.texts(
        live("allow_origins"), s.cors.allow_origins,
        "Origins whose pages may read and write: SCHEME://HOST[:PORT]. The value * lets pages of all origins read but not write. With a "
        "list, Twilio's own Access-Control fields do not count.");
    v.span(live("max_age"), s.cors.max_age, 0s, 24h, "How long a browser may cache the answer to a preflight.");
  });
  v.section("log", "The log on standard error, and the access log.", [&] {
    v.choice(live("level"), s.log.level, log_level_names, "Least severe messages that are logged: debug, info, warning or error.");
    v.choice(live("format"), s.log.format, log_format_names,
             "Form of the log's lines. text: time, level and message. json: one JSON object a line, also with the event and its fields.");
    v.choice(live("access"), s.log.access, access_log_names,
             "Which requests the access log holds. errors_and_slow: those that failed (5xx), were shed (429) or were slow.");
    v.text(at_start("access_file"), s.log.access_file, "File of the access log, opened again on SIGUSR1. Empty: standard error.");
    v.count(live("sample"), s.log.sample, 0, 1'000'000,
            "With errors_and_slow, one in this many of the other requests is logged too, with that number as its weight. 0: none.");
    v.choice(live("call_sids"), s.log.call_sids, logged_calls_names,
             "How the access log names a call. none: not at all. hashed: by a keyed hash that changes with each start. plain: by its SID.");
    v.choice(
        at_start("client_addresses"), s.log.client_addresses, shown_addresses_names,
        "How logs, spans and the admin listener show the address of a client without a name. hashed: by a keyed hash that changes with "
        "each start. plain: as it is. none: not at all.");
    v.count(live("lines_per_fault"), s.log.lines_per_fault, 0, 1'000'000,
            "With errors_and_slow, lines that one fault gets per second and worker. The weight of its next line counts the requests that "
            "got none. 0: no bound.");
    v.span(live("slow_after"), s.log.slow_after, 1ms, 1min, "Duration from which a request counts as slow. /api/slow lists slow requests.");
  });
  v.section("tracing", "Spans of requests, for an OpenTelemetry collector.", [&] {
    v.text(at_start("otlp_url"), s.tracing.otlp_url,
           "Collector of spans: http:// or https://HOST[:PORT] that takes OTLP/HTTP in JSON at /v1/traces. Exported are slow and failed "
           "requests, those of log.sample, and those whose traceparent says sampled. Empty: none.");
    v.text(at_start("ca_file"), s.tracing.ca_file,
           "Certificate authorities that are trusted for an https collector: system, or a PEM file.");
  });
  v.section("debug", "For the search of bugs in the gateway.", [&] {
    v.flag(at_start("core_dumps"), s.debug.core_dumps,
           "Whether a crash may leave a core dump, and debuggers of the same user may attach. A dump holds credentials and summaries.");
  });
  v.flag(live("server_timing"), s.server_timing, "Whether each 200 has a Server-Timing header with the request's hops.");
}

}  // namespace gateway
