// The limits that an exchange counts against: by account where it is known, and by client.
#include "core/auth/scopes.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "auth/jwt.hpp"
#include "core/auth/credentials.hpp"

namespace gateway::scopes_test {
namespace {

constexpr fingerprint_key for_credentials{std::byte{1}};
constexpr short_hash_key for_tables{std::byte{2}};
const std::string account_a = "AC" + std::string(32, 'a'), account_b = "AC" + std::string(32, 'b'), api_key = "SK" + std::string(32, 'a');

std::string sent(const std::string& user, const std::string& password) {
  return std::string{compose_authorization(user + ":" + password).reveal()};
}
identity of(std::string_view authorization) { return *identity_of(authorization, for_credentials); }
std::uint64_t account_of(const std::string& authorization) { return account_scope(of(authorization), for_tables); }

TEST(scopes, secrets_of_one_account_count_against_the_one_account) {
  EXPECT_EQ(account_of(sent(account_a, "first")), account_of(sent(account_a, "second")));
  EXPECT_NE(account_of(sent(account_a, "first")), account_of(sent(account_b, "first")));
}

TEST(scopes, a_credential_that_does_not_name_its_account_counts_for_itself) {
  std::set<std::uint64_t> const all{account_of(sent(api_key, "first")), account_of(sent(api_key, "second")), account_of("Bearer one"),
                                    account_of("Bearer two"), account_of(sent("anybody", "first"))};
  EXPECT_EQ(all.size(), 5U);
  EXPECT_EQ(account_of("Bearer one"), account_of("bearer  one")) << "however it is spelt";
}

TEST(scopes, tokens_with_the_same_claims_count_against_one_account) {
  auto const token = [](std::string_view subject, int number) {
    return "Bearer " +
           jwt_of(R"({"iss":"i","sub":")" + std::string{subject} + R"(","exp":8000000000,"jti":)" + std::to_string(number) + "}");
  };
  EXPECT_EQ(account_of(token("OQ1", 1)), account_of(token("OQ1", 2)));
  EXPECT_NE(account_of(token("OQ1", 1)), account_of(token("OQ2", 1)));
  EXPECT_FALSE(of(token("OQ1", 1)).owner == of(token("OQ1", 2)).owner) << "each is a credential of its own";
  EXPECT_TRUE(of(token("OQ1", 1)).has_expired(wall_time{std::chrono::seconds{8'000'000'000}}));
  EXPECT_FALSE(of(token("OQ1", 1)).has_expired(wall_time{std::chrono::seconds{7'999'999'999}}));
  EXPECT_FALSE(of(sent(account_a, jwt_of(R"({"iss":"i","sub":"s","exp":1})"))).claims) << "a password makes no claims";
}

TEST(scopes, in_mode_inject_our_account_counts_whatever_the_client_sends) {
  identity const ours{partition_of_account("main", "AC:secret", for_credentials), std::make_shared<const secret>("Basic x")};
  identity const theirs{partition_of_account("other", "AC:secret", for_credentials), std::make_shared<const secret>("Basic x")};
  EXPECT_NE(account_scope(ours, for_tables), account_scope(theirs, for_tables));
}

TEST(scopes, clients_differ_by_address_credential_name_and_user) {
  auto const who = of("Bearer one"), other = of("Bearer two");
  client here, there, named, user;
  there.address[0] = 1;
  named.name = "reports.internal";
  user.user = 1001;
  std::set<std::uint64_t> all;
  for (auto const* from : {&here, &there, &named, &user}) {
    all.insert(client_scope(who, *from, for_tables));
    all.insert(client_scope(other, *from, for_tables));
  }
  EXPECT_EQ(all.size(), 8U);
  EXPECT_EQ(client_scope(who, here, for_tables), client_scope(who, client(), for_tables));
}

TEST(scopes, a_named_client_is_one_wherever_shares_are_compared) {
  identity who{partition_of_account("main", "AC:secret", for_credentials), std::make_shared<const secret>("Basic x")};
  client here, there;
  there.address[0] = 1;
  EXPECT_EQ(named_scope(who), 0U) << "the gateway itself, and guests";
  who.name = "billing";
  who.asker = partition_of_client("billing", for_credentials);
  EXPECT_EQ(named_scope(who), who.asker.bits());
  EXPECT_NE(client_scope(who, here, for_tables), client_scope(who, there, for_tables)) << "as before";
  who.is_one = true;
  EXPECT_EQ(client_scope(who, here, for_tables), client_scope(who, there, for_tables));
  auto other = who;
  other.asker = partition_of_client("reports", for_credentials);
  EXPECT_NE(client_scope(who, here, for_tables), client_scope(other, here, for_tables));
}

TEST(scopes, who_proves_nothing_counts_by_address_and_network) {
  auto const from = [](std::array<std::uint8_t, 16> address) {
    client who;
    who.address = group_of_ipv6(address);
    return who;
  };
  auto const first = from({0x20, 1, 0xd, 0xb8, 0, 1, 0, 1, 9}), same_line = from({0x20, 1, 0xd, 0xb8, 0, 1, 0, 1, 8});
  auto const same_site = from({0x20, 1, 0xd, 0xb8, 0, 1, 0, 2}), elsewhere = from({0x20, 1, 0xd, 0xb8, 0, 2, 0, 1});
  EXPECT_EQ(address_scope(first, for_tables), address_scope(same_line, for_tables)) << "a /64 is one address";
  EXPECT_NE(address_scope(first, for_tables), address_scope(same_site, for_tables));
  EXPECT_EQ(network_scope(first, for_tables), network_scope(same_site, for_tables)) << "a /48 is one network";
  EXPECT_NE(network_scope(first, for_tables), network_scope(elsewhere, for_tables));
  client a, b, user;
  a.address = group_of_ipv4({192, 0, 2, 1});
  b.address = group_of_ipv4({192, 0, 2, 2});
  user.user = 1001;
  EXPECT_NE(network_scope(a, for_tables), network_scope(b, for_tables)) << "an IPv4 address is its own network";
  EXPECT_EQ(network_scope(user, for_tables), address_scope(user, for_tables));
  EXPECT_NE(address_scope(user, for_tables), address_scope(client(), for_tables));
}

TEST(scopes, a_user_shows_only_in_basic) {
  EXPECT_EQ(parse_authorization(sent(account_a, "p:q"))->user(), account_a);
  EXPECT_EQ(parse_authorization("Bearer abc")->user(), "");
}

}  // namespace
}  // namespace gateway::scopes_test
