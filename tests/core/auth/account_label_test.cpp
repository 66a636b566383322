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

}  // namespace
}  // namespace gateway::account_label_test
