// How operators read of an account.
#include "core/auth/account_label.hpp"

#include <gtest/gtest.h>

#include "core/auth/scopes.hpp"

namespace gateway::account_label_test {
namespace {

constexpr short_hash_key key{std::byte{1}, std::byte{2}};
auto const sid = *account_sid::parse("AC00000000000000000000000000000001");

TEST(account_label, is_the_name_in_the_settings) {
  access_rules rules;
  auto& injecting = rules.injecting.emplace();
  for (auto const* const name : {"main", "other"}) {
    injecting.accounts.emplace_back(partition_of_account(name, "AC00000000000000000000000000000001:secret", rules.key));
    injecting.account_names.emplace_back(name);
  }
  EXPECT_EQ(account_label(rules, key, account_scope(injecting.accounts[0], key)), "main");
  injecting.accounts.pop_back();
  injecting.account_names.pop_back();
  EXPECT_EQ(account_label(rules, key, sid), "main") << "the only account can fetch it";
}

TEST(account_label, is_else_a_short_hash_that_is_the_same_for_its_circuits_and_its_purges) {
  access_rules const rules;
  partition const owner;
  identity who{owner};
  who.account = sid;
  auto const label = account_label(rules, key, account_scope(who, key));
  EXPECT_EQ(label.size(), 8U);
  EXPECT_EQ(label.find("AC0"), std::string::npos);
  EXPECT_EQ(account_label(rules, key, sid), label);
}

TEST(account_label, an_operator_calls_an_account_by_its_name_its_sid_or_its_label) {
  access_rules rules;
  constexpr auto no_account = std::nullopt;
  auto const by_sid = account_called(rules, key, sid.view(), {});
  ASSERT_TRUE(by_sid);
  EXPECT_EQ(by_sid->scope, short_hash(key, sid.view()));
  EXPECT_FALSE(by_sid->at) << "it may be at any upstream";
  auto const label = account_label(rules, key, by_sid->scope);
  EXPECT_FALSE(account_called(rules, key, label, {})) << "a label is no account until one is known that has it";
  EXPECT_EQ(account_called(rules, key, label, {1, by_sid->scope})->scope, by_sid->scope);
  EXPECT_FALSE(account_called(rules, key, "main", {1, by_sid->scope}));
  EXPECT_FALSE(account_called(rules, key, "", {1, by_sid->scope}));

  auto& injecting = rules.injecting.emplace();
  for (auto const* const name : {"main", "other"}) {
    auto const credential = std::string{name} == "main" ? std::string{sid.view()} + ":secret" : "SK00000000000000000000000000000002:secret";
    auto& made = injecting.accounts.emplace_back(partition_of_account(name, credential, rules.key),
                                                 std::make_shared<secret>(compose_authorization(credential)));
    made.at = std::string{name} == "main" ? "" : "eu";
    injecting.account_names.emplace_back(name);
  }
  auto const other = account_called(rules, key, "other", {});
  ASSERT_TRUE(other);
  EXPECT_EQ(other->scope, account_scope(injecting.accounts[1], key));
  EXPECT_EQ(other->at, "eu");
  EXPECT_EQ(account_called(rules, key, sid.view(), {})->scope, account_scope(injecting.accounts[0], key));
  EXPECT_EQ(account_called(rules, key, "AC00000000000000000000000000000009", {}), no_account);
}

}  // namespace
}  // namespace gateway::account_label_test
