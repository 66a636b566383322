// PROXY headers of version 2 in the form that a proxy sends.
#pragma once

#include <string>
#include <string_view>

namespace gateway::test {

inline std::string two_bytes(std::size_t number) { return {static_cast<char>(number >> 8), static_cast<char>(number)}; }

// The part after the signature; the length is computed. `how`: family and transport in one byte.
inline std::string v2(int command, int how, std::string_view rest) {
  std::string header{"\r\n\r\n\0\r\nQUIT\n", 12};
  header += static_cast<char>(command);
  header += static_cast<char>(how);
  return header.append(two_bytes(rest.size())).append(rest);
}

inline std::string tlv(int type, std::string_view value) {
  return std::string(1, static_cast<char>(type)).append(two_bytes(value.size())).append(value);
}

inline const std::string four_ports{"\x30\x39\x01\xbb", 4};
// 192.0.2.7 to 198.51.100.1
inline const std::string ipv4_addresses = std::string{"\xc0\x00\x02\x07\xc6\x33\x64\x01", 8} + four_ports;
// 2001:db8::7 to 2001:db8::1
inline const std::string ipv6_addresses =
    std::string{"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 32} + four_ports;

}  // namespace gateway::test
