// The same credential is another one at each upstream, and an account of the gateway is for one upstream alone.
#include "core/auth/upstream_keys.hpp"

#include <gtest/gtest.h>

#include "core/auth/authorizer.hpp"
#include "core/auth/credentials.hpp"
#include "core/auth/scopes.hpp"

namespace gateway::upstream_keys_test {
namespace {

constexpr fingerprint_key plain{std::byte{7}};

upstream_keys two_regions() {
  upstream_keys keys{plain};
  keys.add("eu", "insights.dublin.ie1.twilio.com:443");
  keys.add("au", "insights.sydney.au1.twilio.com:443");
  return keys;
}

std::string basic() { return std::string{compose_authorization("AC" + std::string(32, '1') + ":secret").reveal()}; }

const identity& admitted(client& from, const std::string& authorization, const access_rules& rules, const upstream_scope* there) {
  auto const found = authorize(from, authorization, rules, there);
  EXPECT_TRUE(found);
  return **found;
}

TEST(upstream_keys, a_credential_has_a_partition_of_its_own_at_each_upstream) {
  auto const keys = two_regions();
  auto const eu = keys.scope_of("eu"), au = keys.scope_of("au");
  access_rules const rules{1, plain, {}, {}};
  client here, in_eu, in_au;
  auto const& one = admitted(here, basic(), rules, nullptr);
  auto const& other = admitted(in_eu, basic(), rules, &eu);
  auto const& third = admitted(in_au, basic(), rules, &au);
  EXPECT_EQ(one.owner, identity_of(basic(), plain)->owner) << "as without other upstreams";
  EXPECT_NE(one.owner, other.owner);
  EXPECT_NE(one.owner, third.owner);
  EXPECT_NE(other.owner, third.owner);
  EXPECT_NE(one.asker, other.asker);
  EXPECT_FALSE(one.sharers);
  EXPECT_NE(other.sharers, third.sharers);
}

TEST(upstream_keys, tokens_with_the_same_claims_are_joined_at_one_upstream_only) {
  auto const keys = two_regions();
  auto const eu = keys.scope_of("eu");
  // {"alg":"none"}.{"iss":"i","sub":"s","exp":4102444800}
  std::string const token = "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJpIiwic3ViIjoicyIsImV4cCI6NDEwMjQ0NDgwMH0.c2ln";
  access_rules const rules{1, plain, {}, {}};
  client here, in_eu;
  auto const& one = admitted(here, token, rules, nullptr);
  auto const& other = admitted(in_eu, token, rules, &eu);
  ASSERT_TRUE(one.claims && other.claims);
  EXPECT_NE(one.claims->subject, other.claims->subject);
}

TEST(upstream_keys, another_server_under_the_same_name_is_another_upstream) {
  upstream_keys moved{plain};
  moved.add("eu", "insights.frankfurt.de1.twilio.com:443");
  EXPECT_NE(moved.of("eu"), two_regions().of("eu"));
  EXPECT_EQ(two_regions().of("eu"), two_regions().of("eu"));
  EXPECT_EQ(two_regions().of(""), plain);
}

identity account_for(const std::string& upstream) {
  identity who{partition_of_account(upstream + "-account", "AC:x", plain), std::make_shared<const secret>("Basic eA==")};
  who.at = upstream;
  return who;
}

// Accounts: 0 of the section upstream, 1 of eu. Each has a client with a token, and one with a user.
access_rules injecting(std::size_t guests) {
  access_rules rules{1, plain, {}, injection{}};
  auto& all = *rules.injecting;
  all.accounts = {account_for(""), account_for("eu")};
  auto const named = [](std::string_view name) { return partition_of_client(name, plain); };
  all.clients = {{0, named("a"), {hash_of_token("a-token-a-token-a-token-a-token-a-token")}, {}, {}},
                 {1, named("b"), {hash_of_token("b-token-b-token-b-token-b-token-b-token")}, {}, {}},
                 {1, named("c"), {}, {}, 1001}};
  all.guests = guests;
  return rules;
}

// The upstream of the account that the client gets, or the fault.
std::string at(const upstream_scope* there, const access_rules& rules, const std::string& token, std::optional<std::uint32_t> user = {}) {
  client from;
  from.user = user;
  from.is_local = true;
  auto const found = authorize(from, token.empty() ? "" : "Bearer " + token, rules, there);
  if (!found) return std::string{name_of(found.error())};
  return (*found)->at.empty() ? "default" : (*found)->at;
}

TEST(upstream_keys, an_account_is_used_with_its_own_upstream_only) {
  auto const eu = two_regions().scope_of("eu");
  auto rules = injecting(0);
  rules.injecting->guests.reset();
  EXPECT_EQ(at(nullptr, rules, "a-token-a-token-a-token-a-token-a-token"), "default");
  EXPECT_EQ(at(&eu, rules, "b-token-b-token-b-token-b-token-b-token"), "eu");
  EXPECT_EQ(at(&eu, rules, "a-token-a-token-a-token-a-token-a-token"), "unknown_token");
  EXPECT_EQ(at(nullptr, rules, "b-token-b-token-b-token-b-token-b-token"), "unknown_token");
  EXPECT_EQ(at(&eu, rules, "", 1001), "eu");
  EXPECT_EQ(at(nullptr, rules, "", 1001), "missing_token");
}

TEST(upstream_keys, guests_are_those_of_their_accounts_upstream) {
  auto const eu = two_regions().scope_of("eu");
  EXPECT_EQ(at(nullptr, injecting(0), ""), "default");
  EXPECT_EQ(at(&eu, injecting(0), ""), "missing_token");
  EXPECT_EQ(at(&eu, injecting(1), ""), "eu");
  EXPECT_EQ(at(nullptr, injecting(1), ""), "missing_token");
}

}  // namespace
}  // namespace gateway::upstream_keys_test
