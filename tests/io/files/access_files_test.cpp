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

}  // namespace
}  // namespace gateway::test::access_files_test
