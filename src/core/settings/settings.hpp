// All settings with their defaults, as values whose types carry the unit.
// Thread rule: a value; each worker has its own copy (io/runtime/worker).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/auth/admin_role.hpp"
#include "core/auth/client_rights.hpp"
#include "core/auth/client_share.hpp"
#include "core/cache/freshness.hpp"
#include "core/limit/quota_rule.hpp"
#include "core/request/cors.hpp"
#include "core/request/families.hpp"
#include "core/request/head.hpp"
#include "core/request/summary_request.hpp"
#include "core/settings/machine.hpp"
#include "core/telemetry/log_line.hpp"
#include "core/telemetry/log_sampling.hpp"
#include "core/telemetry/logged_request.hpp"

namespace gateway {

using span = std::chrono::nanoseconds;

struct tls_settings {
  std::string certificate;  // PEM files; the certificate file includes its chain
  std::string key;
  std::string client_ca;                         // "" = clients need no certificate
  span ticket_lifetime = std::chrono::hours{1};  // of the key that encrypts session tickets; its tickets live at most twice as long
  bool operator==(const tls_settings&) const = default;
};

struct listener_settings {
  std::string address;  // ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH
  std::string mode{};   // unix: permissions of the socket file, octal; "" = as umask leaves them
  std::string owner{};  // unix: USER, USER:GROUP or :GROUP; "" = owner and group of the process
  std::optional<tls_settings> tls{};
  std::vector<std::string> proxy_headers_from{};  // proxy_protocol.from: ranges of addresses, or "unix"; empty = no such header
  std::vector<std::string> trusted_proxies{};     // the same
  std::string public_url{};                       // how clients reach it; "" = as they write in Host
  std::string upstream{};                         // the name of an upstream; "" = the section upstream
};

enum class credentials_mode : std::uint8_t { forward, inject };
enum class sharing_mode : std::uint8_t { partition, grants };

// Somebody who may use the admin listener, and what proves it (one of the three is enough).
struct admin_user_settings {
  std::string name;
  admin_role role = admin_role::read;
  std::string certificate;  // the name in a client certificate
  std::string unix_user;    // a user name or number
  std::string unix_group;   // a group name or number
};

struct admin_settings {
  std::string address = "127.0.0.1:9464";
  std::string token_file{};  // tokens, each with its role
  std::string metrics_address{};
  std::vector<admin_user_settings> users{};
  tls_settings tls{};        // no certificate: plaintext
  std::string audit_file{};  // "" = none
};

struct upstream_settings {
  std::string name{};  // of an entry of upstreams; "" = the section upstream
  std::string url = "https://insights.twilio.com";
  std::string connect_to;             // HOST:PORT; "" = as `url` says
  std::string proxy;                  // http://HOST:PORT; "" = none
  std::string proxy_credential_file;  // "user:password"; "" = none
  bool allow_plaintext = false;
  std::string ca_file = "system";
  span timeout = std::chrono::seconds{8};
  std::uint64_t max_in_flight = 40;
  std::uint64_t max_queued = 1000;
  std::uint64_t bulk_share = 5;  // percent
  std::uint64_t failures_to_break = 10;
  span error_backoff = std::chrono::seconds{2};
  span connect_timeout = std::chrono::seconds{2};
  span tls_handshake_timeout = std::chrono::seconds{3};
  span idle_timeout = std::chrono::seconds{30};
  span max_connection_age = std::chrono::minutes{5};
  std::uint64_t warm_connections = 0;
  span tcp_user_timeout = std::chrono::seconds{10};  // 0: the system's
  span tcp_keepalive = std::chrono::seconds{15};     // 0: none
  span dns_ttl = std::chrono::seconds{30};
  span dns_max_age = std::chrono::minutes{5};
  span max_retry_after = std::chrono::seconds{30};
  std::uint64_t max_header_bytes = 32 * 1024;
  std::uint64_t max_body_bytes = 1024 * 1024;
  std::uint64_t max_passthrough_bytes = 16 * 1024 * 1024;        // of a list that passes through
  std::uint64_t max_passthrough_total_bytes = 64 * 1024 * 1024;  // of all that are larger than max_body_bytes
  std::vector<std::string> answer_fields;                        // names that core/upstream/field_table does not allow by itself
};

// Mode inject: an OAuth client of Twilio, which gets bearer tokens.
struct oauth_settings {
  std::string client_id;
  std::string client_secret_file;
  std::string token_url;
  std::string ca_file;  // "" = upstream.ca_file

  [[nodiscard]] bool is_on() const { return !client_id.empty() || !client_secret_file.empty() || !token_url.empty() || !ca_file.empty(); }
};

// Mode inject: a Twilio account, and how the gateway proves to Twilio that it may use it: one of the two.
struct account_settings {
  std::string name;
  std::string credential_file;  // "sid:secret" or a bearer token
  oauth_settings oauth{};
  std::string upstream{};  // that it is for; "" = the section upstream
};

// Mode inject: whose JWTs prove clients, and to whom they must be addressed.
struct jwt_settings {
  std::string issuer;  // "" = a JWT is no proof
  std::string audience;
  std::string jwks_file;  // the issuer's public keys
  span clock_skew = std::chrono::seconds{30};

  [[nodiscard]] bool is_on() const { return !issuer.empty() || !audience.empty() || !jwks_file.empty(); }
};

// Mode inject: a client that may use one of the accounts, what identifies it (one of the four proofs is enough), and what it may do.
struct client_settings {
  std::string name;
  std::string account;      // an account's name
  std::string token_file;   // hashes of tokens
  std::string certificate;  // a name in a client certificate (core/auth/certificate_names)
  std::string unix_user;    // a user name or number
  std::string subject{};    // of its JWTs
  right_set may = reading_rights();
  client_method_set methods{true, true, true};
  std::vector<std::string> subaccounts{};  // whose calls it may see; none: all that its account sees
  client_share share{};                    // of the turns at the upstream
  quota_rule quota{};
};

struct credential_settings {
  credentials_mode mode = credentials_mode::forward;
  sharing_mode sharing = sharing_mode::partition;
  span grant_ttl = std::chrono::minutes{5};
  span proof_lifetime = std::chrono::hours{24};
  std::vector<account_settings> accounts;
  std::vector<client_settings> clients;
  jwt_settings jwt;
  std::string allow_unauthenticated;  // an account's name; "" = every client must prove its identity
};

struct cache_settings {
  std::uint64_t max_bytes = 256 * 1024 * 1024;  // 0: auto
  std::uint64_t max_entry_bytes = 256 * 1024;
  bool gzip = true;
  freshness_policy freshness;
  span erased_for = std::chrono::hours{1};
};

// Calls whose summary is not ready: how often the upstream is asked (core/polling/look_schedule), and how long a reader may be held.
struct polling_settings {
  span max_hold = std::chrono::seconds{25};  // 0: no reader is held
  span longest_step = std::chrono::minutes{2};
  span complete_after = std::chrono::minutes{30};
};

struct snapshot_settings {
  std::string file;  // "" = none
  span every = std::chrono::minutes{5};
  std::string key_file;  // "" = not encrypted
};

// What the gateways of a fleet share.
enum class fleet_share : std::uint8_t { cache, flights, limit, marks };
inline constexpr std::array<std::string_view, 4> fleet_share_names{"cache", "flights", "limit", "marks"};

// Servers that know where the engine's primary is.
struct sentinel_settings {
  std::string name;  // of the primary; "" = fleet.url says where the engine is
  std::vector<std::string> addresses;
  bool tls = false;
};

// Many gateways as one, through an engine (Redis or Valkey).
struct fleet_settings {
  std::string url;             // of the engine
  sentinel_settings sentinel;  // or of those who know it
  std::string user;
  std::string password_file;  // "" = no login
  std::string ca_file = "system";
  std::string key_file;
  std::string name_space = "sg";
  span timeout = std::chrono::milliseconds{20};
  std::array<bool, fleet_share_names.size()> share{true, true, true, true};

  [[nodiscard]] bool is_on() const { return !url.empty() || !sentinel.name.empty(); }
  [[nodiscard]] bool shares(fleet_share what) const { return is_on() && share[static_cast<std::size_t>(what)]; }
};

// Twilio's Event Streams: Twilio tells the gateway when a summary has changed.
struct event_settings {
  std::string address;     // "" = no listener for events
  std::string public_url;  // as the sink at Twilio has it
  std::string auth_token_file;
  tls_settings tls;  // no certificate: plaintext
  bool prefetch = false;

  [[nodiscard]] bool is_on() const { return !address.empty(); }
};

struct limit_settings {
  std::uint64_t max_connections = 10'000;
  std::uint64_t max_connections_per_address = 0;  // 0: max_connections is the only bound
  std::uint64_t max_waiters = 10'000;
  std::uint64_t max_waiters_per_call = 5'000;
  head_limits head;
  std::uint64_t max_content_bytes = 16 * 1024;
  std::uint64_t max_pipelined = 64;
  span tls_handshake_timeout = std::chrono::seconds{5};
  span header_timeout = std::chrono::seconds{10};
  span idle_timeout = std::chrono::seconds{75};
  span client_ca_grace = std::chrono::seconds{10};
  span write_timeout = std::chrono::seconds{30};
  span request_timeout = std::chrono::seconds{60};
  span drain_delay{0};
  span drain_timeout = std::chrono::seconds{10};
};

// What identifies a client for the client limit.
enum class client_identity : std::uint8_t { address, name, credential };

struct client_limit_settings {
  client_identity by = client_identity::address;
  std::uint64_t requests = 0;  // 0: no limit
  span per = std::chrono::minutes{1};
};

struct log_settings {
  log_level level = log_level::info;
  log_format format = log_format::text;
  access_log access = access_log::errors_and_slow;
  std::string access_file;   // "" = standard error
  std::uint64_t sample = 0;  // 0: none
  logged_calls call_sids = logged_calls::none;
  shown_addresses client_addresses = shown_addresses::hashed;
  std::uint64_t lines_per_fault = 10;
  span slow_after = std::chrono::seconds{1};
};

struct tracing_settings {
  std::string otlp_url;  // "" = no spans are sent
  std::string ca_file = "system";
};

// shadow.sharing: the sharing of what the shadow estimates; as_is: none but the present one.
enum class shadow_sharing : std::uint8_t { as_is, partition, grants };

// Policies whose effect is estimated beside the one in force (core/shadow).
struct shadow_settings {
  std::vector<std::uint64_t> max_bytes;
  std::vector<span> fresh_for;
  shadow_sharing sharing = shadow_sharing::as_is;

  [[nodiscard]] bool is_on() const { return !max_bytes.empty() || !fresh_for.empty() || sharing != shadow_sharing::as_is; }
};

struct debug_settings {
  bool core_dumps = false;
};

struct settings {
  std::uint64_t workers = 0;  // 0: auto
  std::vector<listener_settings> listeners{listener_settings{.address = "127.0.0.1:8080"}};
  std::string handover;  // unix:PATH; "" = none
  admin_settings admin;
  upstream_settings upstream;
  std::vector<upstream_settings> upstreams;  // further ones, each with a name
  credential_settings credentials;
  cache_settings cache;
  polling_settings polling;
  shadow_settings shadow;
  snapshot_settings snapshot;
  fleet_settings fleet;
  event_settings events;
  limit_settings limits;
  client_limit_settings client_limit;
  cors_policy cors;
  passthrough_set passthrough{};
  bool livez = true;
  gateway::unknown_parameters unknown_parameters = gateway::unknown_parameters::refused;
  log_settings log;
  tracing_settings tracing;
  debug_settings debug;
  bool server_timing = false;

  machine_bounds machine;  // what auto depends on; no setting
  [[nodiscard]] std::uint64_t worker_count() const { return workers > 0 ? workers : workers_for(machine); }
  [[nodiscard]] std::uint64_t cache_bytes() const {
    return cache.max_bytes > 0 ? cache.max_bytes : cache_bytes_for(machine, limits.max_connections);
  }
};

}  // namespace gateway
