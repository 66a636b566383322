// Everything an operator can set, with its default, as values whose types carry the unit.
// Thread rule: made once at start, then shared as const.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cache/freshness.hpp"
#include "core/request/head.hpp"

namespace gateway {

using span = std::chrono::nanoseconds;

struct tls_settings {
  std::string certificate;  // PEM files; the certificate's with its chain
  std::string key;
  std::string client_ca;  // "" = clients need no certificate
};

struct listener_settings {
  std::string address;  // ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH
  std::optional<tls_settings> tls;
};

enum class credentials_mode : std::uint8_t { forward, inject };
enum class log_level : std::uint8_t { debug, info, warning, error };
enum class access_log : std::uint8_t { all, errors_and_slow, none };

struct admin_settings {
  std::string address = "127.0.0.1:9464";
  std::string token_file;
};

struct upstream_settings {
  std::string url = "https://insights.twilio.com";
  bool allow_plaintext = false;
  std::string ca_file = "system";
  span timeout = std::chrono::seconds{8};
  std::uint64_t max_in_flight = 40;
  span connect_timeout = std::chrono::seconds{2};
  span tls_handshake_timeout = std::chrono::seconds{3};
  span idle_timeout = std::chrono::seconds{30};
  span dns_ttl = std::chrono::seconds{30};
  std::uint64_t max_header_bytes = 32 * 1024;
  std::uint64_t max_body_bytes = 1024 * 1024;
};

struct cache_settings {
  std::uint64_t max_bytes = 256 * 1024 * 1024;
  std::uint64_t max_entry_bytes = 256 * 1024;
  bool gzip = true;
  freshness_policy freshness;
  span refresh_backoff = std::chrono::seconds{5};
};

struct limit_settings {
  std::uint64_t max_connections = 10'000;
  std::uint64_t max_waiters = 10'000;
  head_limits head;
  span header_timeout = std::chrono::seconds{10};
  span idle_timeout = std::chrono::seconds{75};
  span write_timeout = std::chrono::seconds{30};
  span drain_timeout = std::chrono::seconds{10};
};

struct log_settings {
  log_level level = log_level::info;
  access_log access = access_log::errors_and_slow;
  span slow_after = std::chrono::seconds{1};
};

struct settings {
  std::uint64_t workers = 0;  // 0: auto
  std::vector<listener_settings> listeners{{"127.0.0.1:8080", std::nullopt}};
  admin_settings admin;
  upstream_settings upstream;
  credentials_mode credentials = credentials_mode::forward;
  cache_settings cache;
  limit_settings limits;
  log_settings log;
  bool server_timing = false;
};

}  // namespace gateway
