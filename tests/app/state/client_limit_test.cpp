// Which requests count as one client's, and that unknown credentials displace no client.
#include "app/state/client_limit.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gateway::client_limit_test {
namespace {

using namespace std::chrono_literals;

const mono_time start{1000h};

client at_address(std::uint8_t last) {
  client from;
  from.address = group_of_ipv4({192, 0, 2, last});
  return from;
}

partition credential(std::uint64_t number) {
  partition who;
  for (std::size_t i = 0; i < 8; ++i) who.id[i] = static_cast<std::byte>(number >> (8 * i));
  return who;
}

client_limit limit_of(client_identity by, std::uint64_t requests) {
  client_limit_settings values;
  values.by = by;
  values.requests = requests;
  values.per = 1h;
  return client_limit{values, short_hash_key{}};
}

client_limit two_an_hour(client_identity by) { return limit_of(by, 2); }

constexpr auto proved = [] { return true; };
constexpr auto unproved = [] { return false; };

TEST(client_limit, by_credential_a_proved_one_counts_as_itself_wherever_it_comes_from) {
  auto const limit = two_an_hour(client_identity::credential);
  EXPECT_TRUE(limit.take(at_address(1), credential(1), start, unproved).allowed) << "by this one it is proved";
  EXPECT_TRUE(limit.take(at_address(2), credential(1), start, proved).allowed);
  EXPECT_FALSE(limit.take(at_address(3), credential(1), start, proved).allowed) << "two, the first included";
  EXPECT_TRUE(limit.take(at_address(3), credential(2), start, proved).allowed);
}

TEST(client_limit, by_credential_unproved_ones_of_an_address_are_one_client) {
  auto const limit = two_an_hour(client_identity::credential);
  EXPECT_TRUE(limit.take(at_address(1), credential(1), start, unproved).allowed);
  EXPECT_TRUE(limit.take(at_address(1), credential(2), start, unproved).allowed);
  EXPECT_FALSE(limit.take(at_address(1), credential(3), start, unproved).allowed);
  EXPECT_TRUE(limit.take(at_address(2), credential(3), start, unproved).allowed) << "another address";
  EXPECT_TRUE(limit.take(at_address(1), credential(4), start, proved).allowed) << "whoever is somebody is not counted with them";
}

TEST(client_limit, to_be_refused_and_proved_again_pays_no_debt) {
  auto const limit = two_an_hour(client_identity::credential);
  EXPECT_TRUE(limit.take(at_address(1), credential(1), start, proved).allowed);
  EXPECT_FALSE(limit.take(at_address(1), credential(1), start, unproved).allowed);
  EXPECT_FALSE(limit.take(at_address(1), credential(1), start, proved).allowed);
  EXPECT_FALSE(limit.take(at_address(1), credential(1), start, unproved).allowed);
  EXPECT_TRUE(limit.take(at_address(1), credential(2), start, unproved).allowed) << "nor does its address owe for it";
}

TEST(client_limit, invented_credentials_of_however_many_addresses_forgive_nobody) {
  auto const limit = limit_of(client_identity::credential, 4);
  for (std::uint64_t who = 1; who <= 23; ++who) limit.take(at_address(1), credential(who), start, proved);
  std::mt19937_64 random{1};
  for (int i = 0; i < 100'000; ++i) {
    client from;
    for (auto& byte : from.address) byte = static_cast<std::uint8_t>(random());
    auto const who = credential(random());
    for (int j = 0; j < 3; ++j) limit.take(from, who, start, unproved);  // they owe more than the proved clients
  }
  for (std::uint64_t who = 1; who <= 23; ++who) EXPECT_EQ(limit.take(at_address(1), credential(who), start, proved).remaining, 1U) << who;
}

TEST(client_limit, by_address_or_name_nobody_asks_for_proof) {
  bool asked = false;
  auto const look = [&] { return asked = true; };
  for (auto const by : {client_identity::address, client_identity::name}) {
    auto const limit = two_an_hour(by);
    for (std::uint64_t who = 1; who <= 2; ++who) EXPECT_TRUE(limit.take(at_address(1), credential(who), start, look).allowed);
    EXPECT_FALSE(limit.take(at_address(1), credential(3), start, look).allowed);
  }
  auto const by_name = two_an_hour(client_identity::name);
  auto named = at_address(1);
  named.name = "reports.internal";
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(by_name.take(named, credential(1), start, look).allowed);
  EXPECT_TRUE(by_name.take(at_address(1), credential(1), start, look).allowed);
  EXPECT_FALSE(asked);
}

}  // namespace
}  // namespace gateway::client_limit_test
