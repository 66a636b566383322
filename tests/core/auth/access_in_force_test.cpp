// What each state of a client's file means for its tokens, and that it does not affect the files of other clients.
#include "core/auth/access_in_force.hpp"

#include <gtest/gtest.h>

#include "core/auth/credentials.hpp"

namespace gateway::access_in_force_test {
namespace {

constexpr fingerprint_key key{std::byte{1}};

identity account(std::string_view credential) {
  return identity{partition_of_account("main", credential, key), std::make_shared<const secret>(compose_authorization(credential))};
}

// Clients 0 "billing" and 1 "reports" of one account; tokens "b", "r".
access_rules begun() {
  access_rules rules{1, key, {}, injection{}};
  rules.injecting->accounts = {account("SK1:a")};
  for (std::string_view const name : {"billing", "reports"}) {
    known_client one;
    one.name = name;
    one.tokens = {hash_of_token(name.substr(0, 1))};
    rules.injecting->clients.push_back(std::move(one));
  }
  return rules;
}

struct file {
  file_state is = file_state::sound;
  std::string_view tokens = "";  // one letter each
};

access_look seen(const file& billing, const file& reports, std::optional<std::string_view> credential = "SK1:a") {
  access_look look;
  access_look::account of;
  of.is = credential ? file_state::sound : file_state::unusable;
  if (credential) of.who = account(*credential);
  if (!credential) of.why_not = "credentials.accounts[0].credential_file: why";
  look.accounts.push_back(std::move(of));
  for (auto const& one : {billing, reports}) {
    access_look::client client;
    client.is = one.is;
    client.key = "credentials.clients[" + std::to_string(look.clients.size()) + "].token_file";
    if (one.is != file_state::sound) client.why_not = client.key + ": why";
    for (std::size_t i = 0; i < one.tokens.size(); ++i) client.tokens.push_back(hash_of_token(one.tokens.substr(i, 1)));
    look.clients.push_back(std::move(client));
  }
  return look;
}

// The tokens that identify a client, one letter each.
std::string good(const access_in_force& now, std::size_t client) {
  std::string all;
  for (char letter = 'a'; letter <= 'z'; ++letter) {
    auto const& tokens = now.rules().injecting->clients[client].tokens;
    if (std::ranges::find(tokens, hash_of_token({&letter, 1})) != tokens.end()) all += letter;
  }
  return all;
}

constexpr file missing{file_state::missing}, unusable{file_state::unusable};

TEST(access_in_force, each_file_counts_by_itself_whatever_another_ones_state_is) {
  struct row {
    const char* what;
    file first, second;  // billing's file at two readings
    std::string_view after_first, after_second;
    std::size_t unusable;
  };
  static constexpr row rows[] = {
      {"the same", {file_state::sound, "b"}, {file_state::sound, "b"}, "b", "b", 0},
      {"a new token", {file_state::sound, "bn"}, {file_state::sound, "n"}, "bn", "n", 0},
      {"a line gone", {file_state::sound, "n"}, {file_state::sound, "n"}, "n", "n", 0},
      {"empty", {file_state::sound, ""}, {file_state::sound, ""}, "", "", 0},
      {"empty, then written", {file_state::sound, ""}, {file_state::sound, "n"}, "", "n", 0},
      {"missing at one look", missing, {file_state::sound, "n"}, "b", "n", 0},
      {"missing at two looks", missing, missing, "b", "", 1},
      {"unusable", unusable, unusable, "b", "b", 1},
      {"missing, then unusable", missing, unusable, "b", "b", 1},
      {"unusable, then missing", unusable, missing, "b", "b", 1},
      {"unusable, then mended", unusable, {file_state::sound, "n"}, "b", "n", 0},
  };
  for (auto const& r : rows) {
    access_in_force now{begun()};
    // Meanwhile the other client's token and the account's credential are replaced.
    now.look(seen(r.first, {file_state::sound, "rs"}));
    EXPECT_EQ(good(now, 0), r.after_first) << r.what;
    EXPECT_EQ(good(now, 1), "rs") << r.what;
    auto const came = now.look(seen(r.second, {file_state::sound, "s"}, "SK2:b"));
    EXPECT_TRUE(came.changed) << r.what;
    EXPECT_EQ(good(now, 0), r.after_second) << r.what;
    EXPECT_EQ(good(now, 1), "s") << r.what << ": the revoked one is revoked";
    EXPECT_EQ(now.rules().injecting->accounts[0].owner, account("SK2:b").owner) << r.what;
    EXPECT_EQ(now.unusable(), r.unusable) << r.what;
    EXPECT_FALSE(now.look(seen(r.second, {file_state::sound, "s"}, "SK2:b")).changed && r.second.is == file_state::sound) << r.what;
  }
}

TEST(access_in_force, a_file_that_is_missing_at_two_looks_and_comes_back_counts_again) {
  access_in_force now{begun()};
  for (int i = 0; i < 3; ++i) now.look(seen(missing, {file_state::sound, "r"}));
  EXPECT_EQ(good(now, 0), "");
  now.look(seen(unusable, {file_state::sound, "r"}));
  EXPECT_EQ(good(now, 0), "") << "what has ended does not come back by a file that nobody can read";
  EXPECT_TRUE(now.look(seen({file_state::sound, "b"}, {file_state::sound, "r"})).changed);
  EXPECT_EQ(good(now, 0), "b");
}

TEST(access_in_force, an_account_keeps_its_credential_while_its_file_cannot_be_used) {
  access_in_force now{begun()};
  auto const came = now.look(seen({file_state::sound, "bn"}, {file_state::sound, "r"}, std::nullopt));
  EXPECT_TRUE(came.changed);
  EXPECT_EQ(came.failures, 1U);
  EXPECT_EQ(good(now, 0), "bn");
  EXPECT_EQ(now.rules().injecting->accounts[0].owner, account("SK1:a").owner);
  auto const secret_only = now.look(seen({file_state::sound, "bn"}, {file_state::sound, "r"}, "SK1:c"));
  EXPECT_TRUE(secret_only.changed);
  EXPECT_TRUE(now.rules().injecting->accounts[0].upstream->same_as(compose_authorization("SK1:c").reveal()));
}

TEST(access_in_force, another_secret_of_an_oauth_client_counts) {
  auto const with = [](std::string_view given) {
    identity made{partition_of_oauth_account("main", "OQ1", key), std::make_shared<const secret>()};
    made.oauth = std::make_shared<const oauth_client>(oauth_client{"OQ1", "https://h/t", secret{given}});
    return made;
  };
  auto rules = begun();
  rules.injecting->accounts = {with("old")};
  access_in_force files{rules};
  auto look = seen({file_state::sound, "b"}, {file_state::sound, "r"});
  look.accounts[0].who = with("old");
  EXPECT_FALSE(files.look(look).changed);
  look.accounts[0].who = with("new");
  EXPECT_TRUE(files.look(look).changed);
  EXPECT_EQ(files.rules().injecting->accounts[0].oauth->client_secret.reveal(), "new");
}

TEST(access_in_force, a_token_in_two_files_proves_neither_until_it_is_in_one) {
  access_in_force now{begun()};
  auto const came = now.look(seen({file_state::sound, "bx"}, {file_state::sound, "rx"}));
  EXPECT_EQ(good(now, 0), "b");
  EXPECT_EQ(good(now, 1), "r");
  EXPECT_EQ(came.failures, 2U) << "told of both";
  EXPECT_EQ(now.look(seen({file_state::sound, "bx"}, {file_state::sound, "rx"})).failures, 0U) << "once";
  now.look(seen(unusable, {file_state::sound, "rx"}));
  EXPECT_EQ(good(now, 1), "r") << "the first one's file held it when it was read last";
  now.look(seen({file_state::sound, "b"}, {file_state::sound, "rx"}));
  EXPECT_EQ(good(now, 0), "b");
  EXPECT_EQ(good(now, 1), "rx");
  now.look(seen({file_state::sound, "bb"}, {file_state::sound, "rx"}));
  EXPECT_EQ(good(now, 0), "b") << "twice in one file is one token";
}

TEST(access_in_force, what_cannot_be_used_is_logged_once_and_again_after_it_was_mended) {
  access_in_force now{begun()};
  auto const sound = seen({file_state::sound, "b"}, {file_state::sound, "r"}), broken = seen(unusable, {file_state::sound, "r"});
  auto const first = now.look(broken);
  ASSERT_EQ(first.warnings.size(), 1U);
  EXPECT_EQ(first.warnings[0], "credentials.clients[0].token_file: why; the tokens read before stay in force");
  EXPECT_FALSE(first.changed);
  EXPECT_EQ(now.look(broken).failures, 0U);
  EXPECT_TRUE(now.look(sound).changed) << "mended: worth a line";
  EXPECT_EQ(now.look(broken).failures, 1U);
}

TEST(access_in_force, a_user_whose_name_means_nobody_stays_who_it_was) {
  auto rules = begun();
  rules.injecting->clients[0].unix_user = 1001;
  access_in_force now{rules};
  auto look = seen({file_state::sound, "b"}, {file_state::sound, "r"});
  now.look(look);
  EXPECT_EQ(now.rules().injecting->clients[0].unix_user, 1001U);
  look.clients[0].unix_user = 1002;
  EXPECT_TRUE(now.look(look).changed);
  EXPECT_EQ(now.rules().injecting->clients[0].unix_user, 1002U);
}

TEST(access_in_force, keys_of_an_issuer_follow_their_file_and_end_with_it) {
  auto rules = begun();
  rules.injecting->jwt =
      std::make_shared<const jwt_rules>(jwt_rules{"issuer", "audience", {}, {{"one", {}, 64, nullptr}}, digest{std::byte{1}}});
  access_in_force files{rules};
  auto look = seen({file_state::sound, "b"}, {file_state::sound, "r"});
  auto const ids = [&] {
    std::string all;
    for (auto const& one : files.rules().injecting->jwt->keys) all += one.id + " ";
    return all;
  };
  look.jwt.keys = {{"one", {}, 64, nullptr}};
  look.jwt.content = digest{std::byte{1}};
  EXPECT_FALSE(files.look(look).changed);
  auto const sound = look;
  look.jwt.keys = {{"two", {}, 64, nullptr}};
  look.jwt.content = digest{std::byte{2}};
  EXPECT_TRUE(files.look(look).changed);
  EXPECT_EQ(ids(), "two ");
  EXPECT_EQ(files.rules().injecting->jwt->audience, "audience");
  look.jwt = {file_state::unusable, "credentials.jwt.jwks_file: why", {}, {}};
  auto const broken = files.look(look);
  ASSERT_EQ(broken.warnings.size(), 1U);
  EXPECT_EQ(broken.warnings[0], "credentials.jwt.jwks_file: why; the keys read before stay in force");
  EXPECT_EQ(broken.failures, 1U);
  EXPECT_EQ(files.unusable(), 1U);
  EXPECT_EQ(ids(), "two ");
  look.jwt.is = file_state::missing;
  files.look(look);
  EXPECT_EQ(ids(), "two ") << "missing once may be a replacement under way";
  auto const gone = files.look(look);
  EXPECT_TRUE(gone.changed);
  EXPECT_EQ(gone.warnings.back(), "credentials.jwt.jwks_file: why; its keys have ended");
  EXPECT_EQ(ids(), "");
  EXPECT_TRUE(files.look(sound).changed);
  EXPECT_EQ(ids(), "one ");
  EXPECT_EQ(files.unusable(), 0U);
}

TEST(access_in_force, mode_forward_has_no_files) {
  access_in_force now{access_rules{1, key, {}, {}}};
  EXPECT_FALSE(now.look({}).changed);
}

}  // namespace
}  // namespace gateway::access_in_force_test
