// Where the engine is: a host and port, with or without TLS, or a unix socket.
// Thread rule: a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gateway {

struct engine_address {
  static constexpr std::uint16_t usual_port = 6379;

  bool tls = false;
  std::string host;  // name or address, without brackets; "" for a unix socket
  std::uint16_t port = usual_port;
  std::string unix_path;

  bool operator==(const engine_address&) const = default;
};

// A host and a port as a server names them; TLS as in `like`. nullopt: these are none. They are looked up and logged, so no other character
// than those of names and addresses is taken.
std::optional<engine_address> address_from(std::string_view host, std::string_view port, const engine_address& like);

}  // namespace gateway
