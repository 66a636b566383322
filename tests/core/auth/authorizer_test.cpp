// Which client a request comes from in each mode, what proves it, and which credential goes upstream.
#include "core/auth/authorizer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "core/auth/credentials.hpp"

namespace gateway::authorizer_test {
namespace {

constexpr fingerprint_key key{std::byte{1}, std::byte{2}};
constexpr std::string_view billing_token = "billing-token-billing-token-billing";
constexpr std::string_view support_token = "support-token-support-token-support";
constexpr std::uint32_t deploy_user = 1001;

std::string basic(std::string_view user, std::string_view password) {
  return std::string{compose_authorization(std::string{user}.append(":").append(password)).reveal()};
}
std::string bearer(std::string_view token) { return std::string{"Bearer "}.append(token); }

identity account(std::string_view name) {
  auto const credential = std::string{name} + ":twilio-secret";
  return identity{partition_of_account(name, credential, key), std::make_shared<const secret>(compose_authorization(credential))};
}

// Accounts: 0 "main", 1 "other", 2 "guests".
access_rules injecting(bool with_guests) {
  access_rules rules{1, key, {}, injection{}};
  auto& all = *rules.injecting;
  all.accounts = {account("main"), account("other"), account("guests")};
  auto const named = [](std::string_view name) { return partition_of_client(name, key); };
  all.clients = {{0, named("billing"), {hash_of_token(billing_token), hash_of_token("the one before it, still good")}, {}, {}},
                 {1, named("support"), {hash_of_token(support_token)}, {}, {}},
                 {1, named("reports"), {}, *name_pattern::parse("reports.internal"), {}},
                 {0, named("deploy"), {}, {}, deploy_user}};
  if (with_guests) all.guests = 2;
  return rules;
}

struct facts {
  std::string_view certificate = "";
  std::optional<std::uint32_t> user = std::nullopt;
  bool is_local = false;
};

client connected(const facts& f) {
  client made;
  if (!f.certificate.empty()) made.names = {{name_type::dns, std::string{f.certificate}}};
  made.user = f.user;
  made.is_local = f.is_local;
  return made;
}

// The name of the account, or of the fault.
std::string who(const facts& from, std::string_view authorization, const access_rules& rules) {
  auto asking = connected(from);
  auto const found = authorize(asking, authorization, rules);
  if (!found) return std::string{name_of(found.error())};
  for (std::string_view const name : {"main", "other", "guests"}) {
    if ((*found)->owner == account(name).owner) return std::string{name};
  }
  return "somebody else";
}

TEST(authorizer, a_client_has_its_share_of_the_turns) {
  auto rules = injecting(true);
  rules.injecting->clients[0].share = {4, client_class::bulk, 2};
  rules.injecting->clients[0].is_one = true;
  auto asking = connected({.is_local = true});
  auto const known = authorize(asking, bearer(billing_token), rules);
  ASSERT_TRUE(known);
  EXPECT_EQ((*known)->share, (client_share{4, client_class::bulk, 2}));
  EXPECT_TRUE((*known)->is_one);
  auto const guest = authorize(asking, "", rules);
  ASSERT_TRUE(guest);
  EXPECT_EQ((*guest)->share, client_share{});
  EXPECT_FALSE((*guest)->is_one);
}

TEST(authorizer, forward_means_a_partition_for_each_credential_and_its_own_credential_upstream) {
  access_rules const rules{1, key, {}, {}};
  auto asking = connected({.certificate = "reports.internal", .user = deploy_user, .is_local = true});
  for (auto const& sent : {basic("AC1", "a"), basic("AC1", "b"), bearer("a")}) {
    auto const found = authorize(asking, sent, rules);
    ASSERT_TRUE(found);
    EXPECT_EQ((*found)->owner, identity_of(sent, key)->owner);
    EXPECT_TRUE(upstream_authorization(asking, sent).same_as(sent));
  }
  EXPECT_EQ(authorize(asking, "", rules).error(), fault::missing_credentials) << "what the connection shows is of no account";
  EXPECT_EQ(authorize(asking, "Basic ???", rules).error(), fault::unreadable_credentials);
}

TEST(authorizer, inject_asks_for_a_proof) {
  struct row {
    std::string_view name;
    facts from;
    std::string authorization;
    std::string_view without_guests, with_guests;
  };
  facts const far{};
  facts const near{.is_local = true};
  const row rows[] = {
      {"a bearer token", far, bearer(billing_token), "main", "main"},
      {"another client's", far, bearer(support_token), "other", "other"},
      {"the token before it", far, basic("x", "the one before it, still good"), "main", "main"},
      {"as a password of anybody", far, basic("AC00000000000000000000000000000001", billing_token), "main", "main"},
      {"as a user it is no proof", far, basic(billing_token, "x"), "unknown_token", "unknown_token"},
      {"a wrong token", far, bearer("billing-token-billing-token-billinh"), "unknown_token", "unknown_token"},
      {"a token and more", far, bearer(std::string{billing_token} + "x"), "unknown_token", "unknown_token"},
      {"a part of it", far, bearer(billing_token.substr(1)), "unknown_token", "unknown_token"},
      {"its hash", far, bearer(token_hash_text(hash_of_token(billing_token)).substr(7)), "unknown_token", "unknown_token"},
      {"the account's own credential", far, basic("main", "twilio-secret"), "unknown_token", "unknown_token"},
      {"nothing", far, "", "missing_token", "missing_token"},
      {"what cannot be read", far, "Digest a", "unknown_token", "unknown_token"},
      {"a certificate", {.certificate = "reports.internal"}, "", "other", "other"},
      {"another certificate", {.certificate = "reports.internal.evil"}, "", "missing_token", "missing_token"},
      {"a user", {.user = deploy_user, .is_local = true}, "", "main", "main"},
      {"another user", {.user = 0, .is_local = true}, "", "missing_token", "guests"},
      {"nothing, from here", near, "", "missing_token", "guests"},
      {"a wrong token, from here", near, bearer("whatever an SDK sends"), "unknown_token", "guests"},
      {"a token wins over a certificate", {.certificate = "reports.internal"}, bearer(billing_token), "main", "main"},
      {"a certificate over what an SDK has to send", {.certificate = "reports.internal"}, basic("AC1", "x"), "other", "other"},
      {"a user over being a guest", {.user = deploy_user, .is_local = true}, basic("AC1", "x"), "main", "main"},
  };
  for (auto const& r : rows) {
    EXPECT_EQ(who(r.from, r.authorization, injecting(false)), r.without_guests) << r.name;
    EXPECT_EQ(who(r.from, r.authorization, injecting(true)), r.with_guests) << r.name;
  }
}

TEST(authorizer, inject_never_sends_upstream_what_the_client_sent) {
  auto asking = connected({});
  auto const sent = bearer(billing_token);
  ASSERT_TRUE(authorize(asking, sent, injecting(false)));
  EXPECT_TRUE(upstream_authorization(asking, sent).same_as(basic("main", "twilio-secret")));
}

TEST(authorizer, clients_of_one_account_share_entries_and_are_counted_apart) {
  auto first = connected({});
  auto second = connected({.user = deploy_user});
  auto const by_token = authorize(first, bearer(billing_token), injecting(false));
  auto const by_user = authorize(second, "", injecting(false));
  ASSERT_TRUE(by_token && by_user);
  EXPECT_EQ((*by_token)->owner, (*by_user)->owner);
  EXPECT_NE((*by_token)->asker, (*by_user)->asker);
}

// One connection with values and rules in any order: its cached decision must be that of a fresh connection.
TEST(authorizer, a_connection_remembers_and_is_never_wrong) {
  access_rules const forwarding{2, key, {}, {}};
  auto other_tokens = injecting(false);
  other_tokens.version = 3;
  for (auto& one : other_tokens.injecting->clients) one.tokens.clear();
  auto const now_good = injecting(true);
  const access_rules* const all[] = {&now_good, &forwarding, &other_tokens};
  const std::string values[] = {bearer(billing_token),      "", bearer(support_token), "Basic ???", basic("a", "b"),
                                basic("AC1", billing_token)};
  auto asking = connected({});
  for (std::size_t i = 0; i < 3000; ++i) {
    auto const& rules = *all[i / 7 * i % 3];
    auto const& value = values[i * i * 7 % std::size(values)];
    auto fresh = connected({});
    auto const expected = authorize(fresh, value, rules);
    auto const found = authorize(asking, value, rules);
    ASSERT_EQ(found.has_value(), expected.has_value()) << value;
    if (found) {
      ASSERT_EQ((*found)->owner, (*expected)->owner) << value;
      ASSERT_EQ((*found)->upstream != nullptr, (*expected)->upstream != nullptr) << value;
    } else {
      ASSERT_EQ(found.error(), expected.error()) << value;
    }
  }
}

TEST(authorizer, a_token_that_is_taken_away_is_refused_on_an_open_connection) {
  auto asking = connected({});
  ASSERT_TRUE(authorize(asking, bearer(billing_token), injecting(false)));
  auto changed = injecting(false);
  changed.version = 2;
  changed.injecting->clients[0].tokens.clear();
  EXPECT_EQ(authorize(asking, bearer(billing_token), changed).error(), fault::unknown_token);
}

TEST(authorizer, what_belongs_to_an_account_is_fetched_with_its_own_credential) {
  auto const sid = [](char last) { return "AC" + std::string(31, '0') + last; };
  auto rules = injecting(false);
  rules.injecting->accounts = {account(sid('1')), account("SK1"), account(sid('2'))};
  auto const found = [&](const std::string& wanted) {
    std::string owners;
    for (auto const& one : accounts_for(rules, account_sid::parse(wanted))) {
      for (auto const& known : {sid('1'), std::string{"SK1"}, sid('2')}) owners += one.owner == account(known).owner ? known + " " : "";
    }
    return owners;
  };
  EXPECT_EQ(found(sid('2')), sid('2') + " ");
  EXPECT_EQ(found(sid('3')), "") << "no credential is tried that may not see it";
  EXPECT_EQ(found(""), "");
  rules.injecting->accounts = {account("SK1")};
  EXPECT_EQ(found(sid('3')), "SK1 ") << "a single one is for all";
  EXPECT_TRUE(accounts_for(access_rules{1, key, {}, {}}, account_sid::parse(sid('1'))).empty()) << "mode forward has none";
}

}  // namespace
}  // namespace gateway::authorizer_test
