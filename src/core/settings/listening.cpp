#include "core/settings/listening.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

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

struct listening_place {
  std::string key;
  endpoint where;
};

std::vector<listening_place> listening_places(const settings& values) {
  std::vector<listening_place> all;
  auto const add = [&](std::string key, const std::string& text) {
    if (auto const where = parse_endpoint(text)) all.push_back({std::move(key), *where});
  };
  for (std::size_t i = 0; i < values.listeners.size(); ++i)
    add("listeners[" + std::to_string(i) + "].address", values.listeners[i].address);
  add("admin.address", values.admin.address);
  add("admin.metrics_address", values.admin.metrics_address);
  add("events.address", values.events.address);
  return all;
}

// The names on the way to a file, without empty ones, "." and "..".
std::vector<std::string_view> steps_of(std::string_view path) {
  std::vector<std::string_view> steps;
  while (!path.empty()) {
    auto const step = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    if (step == ".." && !steps.empty()) steps.pop_back();
    if (!step.empty() && step != "." && step != "..") steps.push_back(step);
  }
  return steps;
}

// 0.0.0.0 is every IPv4 address and [::] every IPv6 address; a socket for [::] takes no IPv4. Port 0 becomes any free port.
bool collide(const endpoint& a, const endpoint& b) {
  if (a.is_unix() || b.is_unix()) return steps_of(a.unix_path) == steps_of(b.unix_path);
  auto const one = number_of(a.address), other = number_of(b.address);
  if (a.port == 0 || a.port != b.port || one.family != other.family) return false;
  auto const is_every = [](const ip_number& number) { return number == ip_number{.family = number.family}; };
  return one == other || is_every(one) || is_every(other);
}

}  // namespace

std::vector<endpoint> listening_addresses(const settings& values) {
  std::vector<endpoint> all;
  for (auto const& one : listening_places(values)) all.push_back(one.where);
  return all;
}

void validate_listening(const settings& values, const std::function<void(const std::string& key, std::string text)>& report) {
  auto all = listening_places(values);
  if (auto const where = parse_endpoint(values.handover)) all.push_back({"handover", *where});
  for (std::size_t i = 1; i < all.size(); ++i) {
    auto const earlier = all.begin() + static_cast<std::ptrdiff_t>(i);
    auto const other = std::find_if(all.begin(), earlier, [&](const listening_place& one) { return collide(one.where, all[i].where); });
    if (other == earlier) continue;  // defence: addresses-apart
    report(all[i].key, "is taken by " + other->key + "; each needs an address, a port or a socket file of its own");
  }
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
