#include "core/settings/listening.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "core/settings/validate.hpp"

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
  add(values.events.address);
  return all;
}

bool is_same_place(const endpoint& a, const endpoint& b) {
  if (a.is_unix() || b.is_unix()) return a.unix_path == b.unix_path;
  return a.port == b.port && number_of(a.address) == number_of(b.address);
}

address_list parse_addresses(const std::vector<std::string>& texts, std::vector<std::string>* problems) {
  address_list made;
  for (auto const& text : texts) {
    std::string why_not;
    if (text == "unix") {
      made.unix_peers = true;
    } else if (auto const range = address_range::parse(text, why_not)) {
      made.ranges.push_back(*range);
    } else if (problems != nullptr) {
      problems->push_back(in_quotes(text) + " " + why_not);
    }
  }
  return made;
}

listener_trust trust_of(const listener_settings& values) {
  return {parse_addresses(values.proxy_headers_from), parse_addresses(values.trusted_proxies), values.public_url};
}

bool may_misname_pages(const settings& values) {
  auto const is_plain = [](const listener_settings& one) { return !one.tls && one.public_url.empty(); };
  return std::ranges::find(values.passthrough, true) != values.passthrough.end() && std::ranges::any_of(values.listeners, is_plain);
}

}  // namespace gateway
