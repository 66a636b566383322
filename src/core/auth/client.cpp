#include "core/auth/client.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::size_t network_bytes = 8;

std::string text_of(const address_group& group) {
  std::string text;
  if (ip_address{group}.is_ipv4()) {
    for (auto byte = group.begin() + 12; byte != group.end(); ++byte) {
      if (!text.empty()) text += '.';
      append_number(text, unsigned{*byte});
    }
    return text;
  }
  for (std::size_t i = 0; i < network_bytes; i += 2) {
    std::array<char, 8> digits{};
    auto const end = std::to_chars(digits.begin(), digits.end(), group[i] << 8 | group[i + 1], 16).ptr;
    text.append(digits.data(), end).append(":");
  }
  return text + ":/64";
}

std::string shown(const address_group& address, const client_naming& naming) {
  if (naming.addresses == shown_addresses::none) return "unnamed";
  auto text = text_of(address);
  if (naming.addresses == shown_addresses::plain) return text;
  std::string hash;
  append_hex(hash, short_hash(naming.key, text));  // defence: address-hashed
  return hash;
}

}  // namespace

address_group group_of_ipv4(const std::array<std::uint8_t, 4>& address) { return ip_address::ipv4(address).bytes; }

address_group group_of_ipv6(const std::array<std::uint8_t, 16>& address) {
  // A dual-stack socket shows an IPv4 client in mapped form; it is the same client.
  if (ip_address{address}.is_ipv4()) return address;
  address_group group{};
  std::copy_n(address.begin(), network_bytes, group.begin());
  return group;
}

client_name name_of(const client& from, const client_naming& naming) {
  std::string text;
  if (auto const& who = from.memo.last()) text = who->name;
  if (text.empty()) text = from.name;
  if (text.empty()) text = from.user ? "uid " + std::to_string(*from.user) : shown(from.address, naming);
  std::ranges::replace_if(
      text, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return std::string_view{text};
}

}  // namespace gateway
