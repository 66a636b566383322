// Addresses and URLs of the configuration, parsed and checked without network access.
// Thread rule: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

// An address to listen on: an IP address and port, or the path of a unix socket.
struct endpoint {
  std::string address;  // without brackets; "" for a unix socket
  std::uint16_t port = 0;
  std::string unix_path;

  [[nodiscard]] bool is_unix() const { return !unix_path.empty(); }
  [[nodiscard]] bool is_loopback() const;  // reachable from this machine only, as every unix socket is
};

// ":8080" is 0.0.0.0:8080, every IPv4 address, and "localhost:8080" is 127.0.0.1:8080.
std::optional<endpoint> parse_endpoint(std::string_view text);

// File permissions in octal, "0660" or "660".
std::optional<unsigned> parse_mode(std::string_view text);

// Why a unix socket cannot have this mode; "" if it can. An octal number that another tool has made decimal is told as such.
std::string why_no_socket_mode(std::string_view text);

// The upstream's origin.
struct origin {
  bool tls = true;
  std::string host;  // name or address, without brackets; a name may end in a dot
  std::uint16_t port = 443;

  // The name for SNI, certificates and Host. A dot at the end of `host` is for the resolver alone: with it, no search domain is tried.
  [[nodiscard]] std::string_view name() const;
  // The value of a Host field: with the port only if it is not the scheme's default.
  [[nodiscard]] std::string host_field() const;
  // "HOST:PORT", an IPv6 address in brackets.
  [[nodiscard]] std::string authority() const;
};

// scheme://host[:port] with an optional "/" at the end; no user, path, query or fragment.
std::optional<origin> parse_origin(std::string_view url);

// HOST:PORT or [ADDRESS]:PORT, both parts required.
std::optional<origin> parse_authority(std::string_view text);

bool is_loopback_host(std::string_view host);

}  // namespace gateway
