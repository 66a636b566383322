// Which addresses share the limits per address, and the name of a client in statistics.
#include "core/auth/client.hpp"

#include <gtest/gtest.h>

namespace gateway::client_test {
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

client at(const address_group& group) {
  client from;
  from.address = group;
  return from;
}

const client_naming plain{shown_addresses::plain, {}};

TEST(client_name, is_its_address_if_nothing_better_is_known) {
  EXPECT_EQ(name_of(at(group_of_ipv4({192, 0, 2, 1})), plain).view(), "192.0.2.1");
  EXPECT_EQ(name_of(at(group_of_ipv6(address(1, 7))), plain).view(), "2001:db8:0:1::/64");
  client local;
  local.user = 1000;
  for (auto const how : {shown_addresses::plain, shown_addresses::hashed, shown_addresses::none})
    EXPECT_EQ(name_of(local, {how, {}}).view(), "uid 1000");
}

TEST(client_name, shows_an_address_only_if_the_setting_is_plain) {
  auto const one = at(group_of_ipv4({192, 0, 2, 1}));
  auto const hashed = [](const client& from, const short_hash_key& key) {
    return std::string{name_of(from, {shown_addresses::hashed, key}).view()};
  };
  auto const hash = hashed(one, {});
  EXPECT_EQ(hash.size(), 16U) << hash;
  EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), hash.npos) << hash;
  EXPECT_EQ(hashed(one, {}), hash) << "alike in all lines of one run";
  EXPECT_NE(hashed(at(group_of_ipv4({192, 0, 2, 2})), {}), hash);
  EXPECT_NE(hashed(one, short_hash_key{std::byte{2}}), hash) << "another one in the next run";
  EXPECT_EQ(hashed(at(group_of_ipv6(address(1, 1))), {}), hashed(at(group_of_ipv6(address(1, 2))), {})) << "one network is one client";
  EXPECT_EQ(name_of(one, {shown_addresses::none, {}}).view(), "unnamed");
}

TEST(client_name, is_the_certificate_s_and_before_that_the_settings_name_for_it) {
  auto from = at(group_of_ipv4({192, 0, 2, 1}));
  from.name = "reports.internal";
  EXPECT_EQ(name_of(from, plain).view(), "reports.internal");
  identity who{partition{}};
  from.memo.keep("Bearer a", 1, who);
  EXPECT_EQ(name_of(from, plain).view(), "reports.internal") << "a credential is no name";
  who.name = "reports";
  from.memo.keep("Bearer b", 1, who);
  EXPECT_EQ(name_of(from, plain).view(), "reports");
}

TEST(client_name, is_printable_and_bounded) {
  auto from = at({});
  from.name = "a\x1b[2J\xff" + std::string(100, 'b');
  auto const name = name_of(from, {});
  EXPECT_EQ(name.view().substr(0, 7), "a?[2J?b");
  EXPECT_EQ(name.view().size(), 64U);
}

}  // namespace
}  // namespace gateway::client_test
