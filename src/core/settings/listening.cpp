#include "core/settings/listening.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace gateway {
namespace {

// An IPv4 address fills the first four bytes only; `family` tells the two apart.
struct ip_number {
  int family = 0;
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  bool operator==(const ip_number&) const = default;
};

ip_number number_of(const std::string& address) {
  ip_number made;
  made.family = address.find(':') == std::string::npos ? AF_INET : AF_INET6;
  inet_pton(made.family, address.c_str(), made.bytes.data());
  return made;
}

}  // namespace

std::vector<endpoint> listening_addresses(const settings& values) {
  std::vector<endpoint> all;
  auto const add = [&](const std::string& text) {
    if (auto const where = parse_endpoint(text)) all.push_back(*where);
  };
  for (auto const& one : values.listeners) add(one.address);
  add(values.admin.address);
  add(values.admin.metrics_address);
  return all;
}

bool is_same_place(const endpoint& a, const endpoint& b) {
  if (a.is_unix() || b.is_unix()) return a.unix_path == b.unix_path;
  return a.port == b.port && number_of(a.address) == number_of(b.address);
}

}  // namespace gateway
