#include "core/auth/client.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"

namespace gateway {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t network_bytes = 8;

std::string text_of(const address_group& group) {
  std::string text;
  if (is_ipv4(group)) {
    for (auto byte = group.begin() + mapped_prefix.size(); byte != group.end(); ++byte) {
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

}  // namespace

bool is_ipv4(const address_group& group) { return std::equal(mapped_prefix.begin(), mapped_prefix.end(), group.begin()); }

address_group group_of_ipv4(const std::array<std::uint8_t, 4>& address) {
  address_group group{};
  std::ranges::copy(mapped_prefix, group.begin());
  std::ranges::copy(address, group.begin() + mapped_prefix.size());
  return group;
}

address_group group_of_ipv6(const std::array<std::uint8_t, 16>& address) {
  // An IPv4 client of a dual-stack socket is the same client.
  if (is_ipv4(address)) return address;
  address_group group{};
  std::copy_n(address.begin(), network_bytes, group.begin());
  return group;
}

client_name name_of(const client& from) {
  std::string text;
  if (auto const& who = from.memo.last()) text = who->name;
  if (text.empty()) text = from.name;
  if (text.empty()) text = from.user ? "uid " + std::to_string(*from.user) : text_of(from.address);
  std::ranges::replace_if(
      text, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return std::string_view{text};
}

}  // namespace gateway
