// What a client may ask for: the words of may against each resource and method, methods, and the accounts whose calls it sees.
#include "core/auth/client_rights.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/request/families.hpp"

namespace gateway::client_rights_test {
namespace {

constexpr client_method_set every_method{true, true, true};

right_set may(std::initializer_list<std::string_view> words) {
  right_set made{};
  for (std::size_t i = 0; i < right_names.size(); ++i) made[i] = std::ranges::find(words, right_names[i]) != words.end();
  return made;
}
client_rights with(std::initializer_list<std::string_view> words, const client_method_set& methods = every_method) {
  return client_rights{may(words), methods, {}};
}
// All that it may do, as "summary annotation annotation.write".
std::string allowed(const client_rights& of) {
  std::string all;
  for (auto what = resource::call; what != resource::none; what = static_cast<resource>(static_cast<int>(what) + 1)) {
    EXPECT_FALSE(of.allows(what, "PUT") || of.allows(what, "OPTIONS") || of.allows(what, ""));
    if (of.allows(what, "GET")) all.append(all.empty() ? "" : " ").append(name_of(what));
    if (of.allows(what, "POST")) all.append(all.empty() ? "" : " ").append(name_of(what)).append(".write");
  }
  return all;
}

TEST(client_rights, the_words_of_may) {
  constexpr std::string_view reading = "call events metrics summaries conferences video_rooms settings reports v3 annotation summary";
  struct row {
    std::initializer_list<std::string_view> words;
    std::string_view expected;
  };
  const row rows[] = {
      {{}, ""},
      {{"all"}, reading},
      {{"summary"}, "summary"},
      {{"annotation"}, "annotation"},
      {{"annotation.write"}, "annotation.write"},
      {{"summary", "annotation", "annotation.write"}, "annotation annotation.write summary"},
      {{"settings"}, "settings"},
      {{"settings.write"}, "settings.write"},
      {{"reports", "reports.write", "v3.write"}, "reports reports.write v3.write"},
      {{"call", "summaries"}, "call summaries"},
  };
  for (auto const& one : rows) EXPECT_EQ(allowed(with(one.words)), one.expected);
  EXPECT_EQ(allowed(*client_rights::usual()), reading) << "without may, a client only reads";
}

TEST(client_rights, every_family_of_passthrough_has_its_word) {
  for (auto const& word : passthrough_names) EXPECT_NE(std::ranges::find(right_names, word), right_names.end()) << word;
}

TEST(client_rights, methods_narrow_what_may_allows) {
  auto const reads = with({"all", "annotation.write"}, {true, false, false});
  EXPECT_TRUE(reads.allows(resource::summary, "GET"));
  EXPECT_FALSE(reads.allows(resource::summary, "HEAD"));
  EXPECT_FALSE(reads.allows(resource::annotation, "POST"));
  auto const writes = with({"all", "annotation.write"}, {false, false, true});
  EXPECT_FALSE(writes.allows(resource::annotation, "GET"));
  EXPECT_TRUE(writes.allows(resource::annotation, "POST"));
  EXPECT_FALSE(writes.allows(resource::summary, "POST"));
}

TEST(client_rights, what_is_missing_is_named) {
  struct row {
    client_rights of;
    resource what;
    std::string_view method, setting, word;
  };
  const row rows[] = {
      {with({"annotation"}), resource::summary, "GET", "may", "summary"},
      {with({"all"}), resource::annotation, "POST", "may", "annotation.write"},
      {with({"all"}), resource::v3, "POST", "may", "v3.write"},
      {with({"all"}, {true, false, true}), resource::summary, "HEAD", "methods", "HEAD"},
      {with({}, {false, false, false}), resource::summary, "GET", "methods", "GET"},
  };
  for (auto const& one : rows) {
    auto const missing = one.of.missing(one.what, one.method);
    EXPECT_EQ(missing.setting, one.setting);
    EXPECT_EQ(missing.word, one.word);
    EXPECT_FALSE(one.of.allows(one.what, one.method));
  }
}

TEST(client_rights, subaccounts_in_any_spelling_and_none_means_all) {
  auto const sid = [](char digit) { return *account_sid::parse("AC" + std::string(32, digit)); };
  client_rights const some{reading_rights(), every_method, {sid('F'), sid('1')}};
  EXPECT_FALSE(some.sees_all());
  for (char const digit : {'1', 'f', 'F'}) EXPECT_TRUE(some.sees(sid(digit))) << digit;
  for (char const digit : {'0', '2', 'e'}) EXPECT_FALSE(some.sees(sid(digit))) << digit;
  EXPECT_TRUE(client_rights::usual()->sees_all());
  EXPECT_TRUE(client_rights::usual()->sees(sid('7')));
}

}  // namespace
}  // namespace gateway::client_rights_test
