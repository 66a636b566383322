#include "core/auth/client.hpp"

#include <algorithm>

namespace gateway {
namespace {

constexpr address_group mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t network_bytes = 8;

}  // namespace

address_group group_of_ipv4(const std::array<std::uint8_t, 4>& address) {
  auto group = mapped_prefix;
  std::ranges::copy(address, group.begin() + 12);
  return group;
}

address_group group_of_ipv6(const std::array<std::uint8_t, 16>& address) {
  // An IPv4 client of a dual-stack socket is the same client.
  if (std::equal(address.begin(), address.begin() + 12, mapped_prefix.begin())) return address;
  address_group group{};
  std::copy_n(address.begin(), network_bytes, group.begin());
  return group;
}

}  // namespace gateway
