// What the files of accounts become: an account at another upstream is another owner of summaries.
#include "io/files/access_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "temporary_directory.hpp"

namespace gateway::test::access_files_test {
namespace {

TEST(access_files, an_account_has_an_owner_of_its_own_at_each_upstream) {
  temporary_directory here;
  auto const file = [&](const char* name, const char* content) {
    std::ofstream{here.file(name)} << content << '\n';
    std::filesystem::permissions(here.file(name), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return here.file(name);
  };
  account_settings by_secret;
  by_secret.name = "main";
  by_secret.credential_file = file("credential", "AC00000000000000000000000000000001:a-secret");
  account_settings by_token;
  by_token.name = "main";
  by_token.oauth = {"OQ1", file("secret", "a-long-client-secret"), "https://oauth.twilio.com/v2/token", ""};
  upstream_keys keys{fingerprint_key{std::byte{1}}};
  keys.add("eu", "eu.example:443");
  keys.add("au", "au.example:443");
  std::set<digest> owners;
  for (auto one : {by_secret, by_token}) {
    for (auto const* const upstream : {"", "eu", "au"}) {
      one.upstream = upstream;
      credential_settings values;
      values.mode = credentials_mode::inject;
      values.accounts = {one};
      auto const read = read_access(values, keys);
      ASSERT_TRUE(read.problems.empty()) << read.problems.front().text;
      auto const& made = read.rules.injecting->accounts.front();
      EXPECT_EQ(made.at, upstream);
      owners.insert(made.owner.id);
    }
  }
  EXPECT_EQ(owners.size(), 6u);
}

// Addresses of one client would otherwise be compared with another client as a whole.
TEST(access_files, clients_of_an_account_count_once_as_soon_as_one_of_them_has_a_share) {
  temporary_directory here;
  std::ofstream{here.file("credential")} << "AC00000000000000000000000000000001:a-secret\n";
  std::filesystem::permissions(here.file("credential"), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  credential_settings values;
  values.mode = credentials_mode::inject;
  for (auto const* const account : {"main", "other"}) {
    account_settings one;
    one.name = account;
    one.credential_file = here.file("credential");
    values.accounts.push_back(one);
    for (auto const* const name : {"-a", "-b"}) {
      client_settings client;
      client.name = std::string{account} + name;
      client.account = account;
      values.clients.push_back(client);
    }
  }
  auto const ones = [&] {
    std::vector<bool> all;
    auto const read = read_access(values, upstream_keys{fingerprint_key{std::byte{1}}});
    for (auto const& one : read.rules.injecting->clients) all.push_back(one.is_one);
    return all;
  };
  EXPECT_EQ(ones(), (std::vector{false, false, false, false}));
  for (auto const& share : {client_share{2, client_class::interactive, 0}, client_share{1, client_class::bulk, 0},
                            client_share{1, client_class::interactive, 9}}) {
    values.clients[2].share = share;
    EXPECT_EQ(ones(), (std::vector{false, false, true, true}));
    EXPECT_EQ(read_access(values, upstream_keys{fingerprint_key{std::byte{1}}}).rules.injecting->clients[2].share, share);
  }
}

}  // namespace
}  // namespace gateway::test::access_files_test
