// Whom bounds per address count as one.
#include "core/auth/client.hpp"

#include <gtest/gtest.h>

namespace gateway {
namespace {

using ipv6 = std::array<std::uint8_t, 16>;

ipv6 address(std::uint8_t network_end, std::uint8_t host_end) {
  return {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, network_end, 9, 9, 9, 9, 9, 9, 9, host_end};
}

TEST(address_group, of_ipv4_is_the_address) {
  EXPECT_EQ(group_of_ipv4({192, 0, 2, 1}), group_of_ipv4({192, 0, 2, 1}));
  EXPECT_NE(group_of_ipv4({192, 0, 2, 1}), group_of_ipv4({192, 0, 2, 2}));
}

TEST(address_group, of_ipv6_is_the_network_of_64_bits) {
  EXPECT_EQ(group_of_ipv6(address(1, 1)), group_of_ipv6(address(1, 2)));
  EXPECT_NE(group_of_ipv6(address(1, 1)), group_of_ipv6(address(2, 1)));
}

TEST(address_group, of_an_ipv4_client_is_the_same_on_a_dual_stack_socket) {
  EXPECT_EQ(group_of_ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}), group_of_ipv4({192, 0, 2, 1}));
  EXPECT_NE(group_of_ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}), group_of_ipv4({192, 0, 2, 2}));
}

}  // namespace
}  // namespace gateway
