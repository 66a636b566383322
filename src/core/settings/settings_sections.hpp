// The longest sections of the settings table: an upstream, credentials, the admin listener, events, a listener. Visitors: see
// settings_table.hpp. Thread rule: pure.
#pragma once

#include <array>
#include <chrono>
#include <string_view>

#include "core/settings/settings.hpp"

namespace gateway {

// A key, and when a change of its setting applies. A visitor that does not need this takes the key as text.
struct setting_key {
  std::string_view name;
  bool is_live;
  constexpr operator std::string_view() const { return name; }
};
// A reload (SIGHUP, POST /api/reload) applies a change to the running gateway.
constexpr setting_key live(std::string_view name) { return {name, true}; }
// A change requires a restart; a reload with such a change is refused.
constexpr setting_key at_start(std::string_view name) { return {name, false}; }

inline constexpr std::array<std::string_view, 2> credentials_mode_names{"forward", "inject"};
inline constexpr std::array<std::string_view, 2> sharing_mode_names{"partition", "grants"};
inline constexpr std::array<std::string_view, 3> shadow_sharing_names{"as_is", "partition", "grants"};
inline constexpr std::array<std::string_view, 2> unknown_parameters_names{"refuse", "pass_uncached"};
inline constexpr std::array<std::string_view, 3> client_identity_names{"address", "name", "credential"};
inline constexpr std::array<std::string_view, 3> access_log_names{"all", "errors_and_slow", "none"};
inline constexpr std::array<std::string_view, 3> logged_calls_names{"none", "hashed", "plain"};
inline constexpr std::array<std::string_view, 3> shown_addresses_names{"hashed", "plain", "none"};

// What each upstream has of its own. An entry of upstreams has these keys, too.
template <class V>
void visit_upstream(V& v, upstream_settings& u) {
  using namespace std::chrono_literals;
  v.text(at_start("url"), u.url,
         "URL of the upstream, without a path. It must be https, unless allow_plaintext is true and the host is loopback.");
  v.text(at_start("connect_to"), u.connect_to,
         "HOST:PORT to connect to instead of the host in upstream.url. TLS name, certificate check and Host stay those of the URL. Empty: "
         "connect to the host in upstream.url.");
  v.text(at_start("proxy"), u.proxy,
         "Egress proxy through which the upstream is reached: http://HOST:PORT. The gateway asks it for a tunnel (CONNECT) and speaks "
         "TLS with "
         "the upstream inside. HTTPS_PROXY and NO_PROXY are not read. Empty: no proxy.");
  v.text(live("proxy_credential_file"), u.proxy_credential_file,
         "File with USER:PASSWORD for the egress proxy (Basic). It is read again when it changes. Other users must not be able to read it. "
         "Empty: no credential.");
  v.flag(live("allow_plaintext"), u.allow_plaintext, "Whether upstream.url may be http:// on a loopback host.");
  v.text(live("ca_file"), u.ca_file, "Certificate authorities that are trusted for the upstream: system, or a PEM file.");
  v.span(live("timeout"), u.timeout, 10ms, 5min,
         "Time limit of one exchange with the upstream, from when it is sent. A request waits this long and 0.5 s more at most, queue and "
         "retries included.");
  v.count(
      live("max_in_flight"), u.max_in_flight, 1, 10'000,
      "Most exchanges with the upstream at once, over all workers. An account's own limit is learnt from its 429s and is never higher.");
  v.count(live("max_queued"), u.max_queued, 1, 100'000,
          "Most requests that wait for a permit to go upstream. Beyond it, the account with the most of them gets 429s: its bulk "
          "clients first, then its client with the most requests for its weight. Requests with "
          "unproved credentials have half as many places of their own.");
  v.count(live("bulk_share"), u.bulk_share, 0, 100,
          "Percent of an account's turns that clients of class bulk get at least, while interactive ones wait too. They also keep so many "
          "percent of the places in a full queue. 0: bulk has a turn only while no interactive client waits.");
  v.count(live("failures_to_break"), u.failures_to_break, 1, 1'000'000,
          "Failures in a row (5xx, timeouts, broken connections) that open an account's circuit breaker. While it is open, single probes "
          "ask for recovery.");
  v.span(live("error_backoff"), u.error_backoff, 0s, 1min,
         "Pause before the next request for a call that failed twice in a row. It doubles with each further failure. 0s: no pause.");
  v.span(live("connect_timeout"), u.connect_timeout, 10ms, 1min,
         "Time limit of one TCP connection attempt to the upstream. With upstream.proxy, the proxy has as long again to open the tunnel.");
  v.span(live("tls_handshake_timeout"), u.tls_handshake_timeout, 10ms, 1min, "Time limit of one TLS handshake with the upstream.");
  v.span(live("idle_timeout"), u.idle_timeout, 100ms, 10min,
         "Time after which an idle connection to the upstream is closed. Keep it below the upstream's own idle timeout.");
  v.span(live("max_connection_age"), u.max_connection_age, 1s, 24h,
         "Age after which a connection to the upstream is not used again, so that address changes take effect.");
  v.count(live("warm_connections"), u.warm_connections, 0, 1'000,
          "Idle connections to the upstream that are opened in advance, over all workers. The first misses then need no TLS handshake.");
  v.span(live("tcp_user_timeout"), u.tcp_user_timeout, 0s, 5min,
         "TCP_USER_TIMEOUT of connections to the upstream: how long bytes may stay unacknowledged. 0s: the system's value.");
  v.span(live("tcp_keepalive"), u.tcp_keepalive, 0s, 5min,
         "Idle time after which TCP keepalive asks whether a connection to the upstream is still there. 0s: no keepalive.");
  v.span(live("dns_ttl"), u.dns_ttl, 100ms, 1h,
         "How long the upstream's resolved addresses are used before its name is resolved again. If that fails, they stay in use.");
  v.span(live("dns_max_age"), u.dns_max_age, 100ms, 24h,
         "Age of resolved addresses from which a new connection first waits for the name server, for a quarter of its time at most.");
  v.span(
      live("max_retry_after"), u.max_retry_after, 1s, 1h,
      "Longest pause after a 429 or a 503, whatever Retry-After the upstream sends. Clients get no longer Retry-After either, unless their "
      "quota is used up.");
}

// How requests are authorised, by the gateway and by the upstream.
template <class V>
void visit_credentials(V& v, credential_settings& c) {
  using namespace std::chrono_literals;
  v.choice(at_start("mode"), c.mode, credentials_mode_names,
           "Whose Twilio credential goes upstream. forward: the client's own. inject: one that the gateway holds.");
  v.choice(at_start("sharing"), c.sharing, sharing_mode_names,
           "Mode forward: which cached summaries a credential sees. partition: those that it fetched itself. grants: those of every "
           "account that the upstream has lately shown it.");
  v.span(live("grant_ttl"), c.grant_ttl, 1s, 1h,
         "Sharing grants: how long a 200 of the upstream lets a credential read the cached summaries of that account.");
  v.span(live("proof_lifetime"), c.proof_lifetime, 1s, 24h,
         "How long the upstream's acceptance of a credential counts as proof. Requests with an unproved credential never compete with "
         "proved ones.");
  v.list(
      live("accounts"), c.accounts,
      "Mode inject: the Twilio credentials. credential_file holds SID:SECRET or a bearer token. In its place, oauth gets bearer tokens "
      "from token_url (Twilio's: https://oauth.twilio.com/v2/token), with client_id and the secret in client_secret_file. Both files are "
      "read again when they change. ca_file names the authorities that vouch for token_url: system, or a PEM file; without it, those of "
      "the upstream. upstream names the entry of upstreams that the account is for; without it, that is the section upstream.",
      [](V& row, account_settings& one) {
        row.text(live("name"), one.name, "");
        row.text(live("credential_file"), one.credential_file, "");
        row.group("oauth", one.oauth.is_on(), [&] {
          row.text(live("client_id"), one.oauth.client_id, "");
          row.text(live("client_secret_file"), one.oauth.client_secret_file, "");
          row.text(live("token_url"), one.oauth.token_url, "");
          row.text(live("ca_file"), one.oauth.ca_file, "");
        });
        row.text(live("upstream"), one.upstream, "");
      });
  v.list(
      live("clients"), c.clients,
      "Mode inject: the clients, each with the account that it may use. A client proves itself by a token, by a name in its "
      "certificate, by its unix_user or by the subject of its JWT. token_file holds what --hash-token prints. certificate is dns:NAME, "
      "email:NAME or uri:NAME, such as uri:spiffe://prod.example/ns/billing/*; a name alone is a DNS name. may lists what it may ask "
      "for, in the words of passthrough, with summary and annotation. all allows all reading; each write needs its word. Without may, a "
      "client only reads. methods narrows that to some of GET, HEAD and POST. subaccounts lists the accounts whose calls it may see; "
      "without it, these are all that its account sees. weight, class and max_in_flight are about the turns at the upstream. Clients "
      "that wait share them in proportion to their weights, 1 to 100; class bulk yields to interactive. max_in_flight bounds a client's "
      "exchanges at once in each gateway; 0 is no bound. quota bounds the requests to Twilio that it may cause. There are upstream_calls "
      "in each window of the length per, 1s to 31d. Windows are those of the clock, in UTC.",
      [](V& row, client_settings& one) {
        row.text(live("name"), one.name, "");
        row.text(live("account"), one.account, "");
        row.text(live("token_file"), one.token_file, "");
        row.text(live("certificate"), one.certificate, "");
        row.text(live("unix_user"), one.unix_user, "");
        row.text(live("subject"), one.subject, "");
        row.choices(live("may"), one.may, right_names, "");
        row.choices(live("methods"), one.methods, client_method_names, "");
        row.texts(live("subaccounts"), one.subaccounts, "");
        row.count(live("weight"), one.share.weight, 1, highest_weight, "");
        row.choice(live("class"), one.share.group, client_class_names, "");
        row.count(live("max_in_flight"), one.share.max_in_flight, 0, 10'000, "");
        row.group("quota", one.quota.is_on(), [&] {
          row.count(live("upstream_calls"), one.quota.calls, 1, 1'000'000'000, "");
          row.span(live("per"), one.quota.per, 1s, 31 * 24h, "");
        });
      });
  v.section("jwt", "Mode inject: JWTs that prove clients, such as a pod's service account token. Off by default.", [&] {
    v.text(live("issuer"), c.jwt.issuer, "Whose JWTs count: their iss, exactly. Empty: a JWT proves nothing.");
    v.text(live("audience"), c.jwt.audience, "What their aud must be, or must list. A JWT for another service then is of no use here.");
    v.text(live("jwks_file"), c.jwt.jwks_file,
           "File with the issuer's public keys, a JSON Web Key Set. It is read again when it changes. RS256, ES256 and EdDSA are taken.");
    v.span(live("clock_skew"), c.jwt.clock_skew, 0s, 5min, "How far the issuer's clock may be ahead or behind, for exp, nbf and iat.");
  });
  v.text(live("allow_unauthenticated"), c.allow_unauthenticated,
         "Mode inject: the account for clients that prove nothing. It needs every listener on loopback or a unix socket. Empty: such "
         "clients get 401.");
}

// The admin listener, and who may do what there.
template <class V>
void visit_admin(V& v, admin_settings& a) {
  v.text(at_start("address"), a.address,
         "Address of the admin listener. Other addresses than loopback and unix sockets need a token_file, or tls.client_ca and users.");
  v.text(live("token_file"), a.token_file,
         "File with the tokens of operators: ROLE NAME TOKEN a line, 64 at most. ROLE is read, purge or operate, each with what the one "
         "before may. In place of TOKEN may stand what --hash-token prints. A single TOKEN without a role may do everything. Empty: no "
         "token.");
  v.text(at_start("metrics_address"), a.metrics_address,
         "Second address, for scrapers and probes on other machines. It offers only /livez, /readyz and /metrics, without a token. "
         "Empty: none.");
  v.list(live("users"), a.users,
         "Operators that prove themselves by their connection: by a certificate's name (tls.client_ca), as in credentials.clients, or on a "
         "unix "
         "socket by unix_user or unix_group. role is read, purge or operate; without it, read. Without users and token_file, each request "
         "that "
         "reaches the listener may do everything.",
         [](V& row, admin_user_settings& one) {
           row.text(live("name"), one.name, "");
           row.choice(live("role"), one.role, admin_role_names, "");
           row.text(live("certificate"), one.certificate, "");
           row.text(live("unix_user"), one.unix_user, "");
           row.text(live("unix_group"), one.unix_group, "");
         });
  v.section("tls", "TLS of the admin listener, as in listeners. The metrics address stays plaintext.", [&] {
    v.text(at_start("certificate"), a.tls.certificate, "PEM file with the certificate and its chain. Empty: plaintext.");
    v.text(at_start("key"), a.tls.key, "PEM file with its key.");
    v.text(at_start("client_ca"), a.tls.client_ca,
           "PEM file with authorities. Every connection must then show a certificate of theirs; users says what its name may do. Empty: "
           "none.");
  });
  v.text(at_start("audit_file"), a.audit_file,
         "File to which each change by an operator, a signal or a changed file is appended: a JSON object a line. It is opened again "
         "when it was moved, and at a reload. Empty: only /api/audit has them.");
}

// Twilio's own word on a summary: what it says of changes, and where.
template <class V>
void visit_events(V& v, event_settings& e) {
  using namespace std::chrono_literals;
  v.text(at_start("address"), e.address, "Address where Twilio, or a balancer before the gateway, delivers events. Empty: none.");
  v.text(at_start("public_url"), e.public_url,
         "The sink's URL at Twilio, exactly: https://HOST[:PORT]/PATH. Twilio signs it. Deliveries to another path get 404.");
  v.text(at_start("auth_token_file"), e.auth_token_file,
         "File with the primary auth tokens of the accounts that send events, one a line, 16 at most. It is read again when it changes. "
         "Other users must not be able to read it.");
  v.section("tls", "Certificate of the events listener, as in listeners. Without one, a balancer before the gateway speaks TLS.", [&] {
    v.text(at_start("certificate"), e.tls.certificate, "PEM file with the certificate and its chain. Empty: plaintext.");
    v.text(at_start("key"), e.tls.key, "PEM file with its key.");
    v.text(at_start("client_ca"), e.tls.client_ca, "PEM file with authorities; the peer must show a certificate of theirs. Empty: none.");
    v.span(at_start("ticket_lifetime"), e.tls.ticket_lifetime, 0s, 24h, "Lifetime of the key that encrypts session tickets.");
  });
  v.flag(live("prefetch"), e.prefetch,
         "Mode inject: whether a complete summary is fetched as soon as its event comes, though no client waits for it. It costs a request "
         "to Twilio for each call.");
}

// The bounds of cache.max_bytes and cache.fresh_for hold for what stands in their place, too.
inline constexpr std::uint64_t least_cache_bytes = 1024 * 1024;
inline constexpr std::uint64_t most_cache_bytes = 1024 * 1024 * least_cache_bytes;
inline constexpr span longest_freshness = record_lifetime;

// What the operator could have set instead.
template <class V>
void visit_shadow(V& v, shadow_settings& one) {
  v.sizes(live("max_bytes"), one.max_bytes, least_cache_bytes, most_cache_bytes,
          "Values in place of cache.max_bytes: six at most, and the effect of each is estimated alone. Empty: none.");
  v.spans(live("fresh_for"), one.fresh_for, span{0}, longest_freshness,
          "Values in place of cache.fresh_for: six at most, and the effect of each is estimated alone. Empty: none.");
  v.choice(live("sharing"), one.sharing, shadow_sharing_names,
           "Mode forward: a value in place of credentials.sharing. as_is: no other sharing is estimated.");
}

// One listener.
template <class V>
void visit_listener(V& v, listener_settings& l) {
  using namespace std::chrono_literals;
  v.text(live("address"), l.address, "");
  v.text(live("mode"), l.mode, "");
  v.text(live("owner"), l.owner, "");
  v.group("tls", l.tls.has_value(), [&] {
    auto& tls = l.tls ? *l.tls : l.tls.emplace();
    v.text(live("certificate"), tls.certificate, "");
    v.text(live("key"), tls.key, "");
    v.text(live("client_ca"), tls.client_ca, "");
    v.span(live("ticket_lifetime"), tls.ticket_lifetime, 0s, 24h, "");
  });
  v.group("proxy_protocol", !l.proxy_headers_from.empty(), [&] { v.texts(live("from"), l.proxy_headers_from, ""); });
  v.texts(live("trusted_proxies"), l.trusted_proxies, "");
  v.text(live("public_url"), l.public_url, "");
  v.text(live("upstream"), l.upstream, "");
}

}  // namespace gateway
