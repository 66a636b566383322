// The key file of a fleet, the names that it gives, and the seal.
#include "core/fleet/fleet_keys.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace gateway::fleet_keys_test {
namespace {

std::string line(char digit) { return std::string(64, digit) + "\n"; }
fleet_keys keys_of(const std::string& text, std::string_view upstream = "insights.twilio.com") {
  auto keys = fleet_keys::parse(text, upstream);
  if (!keys) throw std::runtime_error{"no keys"};
  return std::move(*keys);
}
constexpr seal_nonce nonce{};

TEST(fleet_keys, a_file_has_one_key_a_line) {
  EXPECT_TRUE(fleet_keys::parse(std::string(64, 'a'), "h"));
  EXPECT_TRUE(fleet_keys::parse(line('a') + line('B') + std::string(64, '7') + "\r\n", "h"));
  for (auto const& wrong : {std::string{}, std::string{"\n"}, std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'g'),
                            line('a') + "\n" + line('b'), line('a') + std::string(62, 'b')})
    EXPECT_FALSE(fleet_keys::parse(wrong, "h")) << wrong;
}

TEST(fleet_keys, a_file_is_not_endless) {
  std::string most;
  for (std::size_t i = 0; i < fleet_keys::max_lines; ++i) most += line('a');
  EXPECT_TRUE(fleet_keys::parse(most, "h"));
  EXPECT_FALSE(fleet_keys::parse(most + line('a'), "h"));
}

TEST(fleet_keys, names_are_keyed_and_reveal_nothing) {
  auto const keys = keys_of(line('a'));
  auto const name = keys.name_of("call", "CA00000000000000000000000000000001");
  EXPECT_EQ(name.size(), 32U);
  EXPECT_TRUE(char_set("", is_hex).holds_all(name));
  EXPECT_EQ(name, keys_of(line('a')).name_of("call", "CA00000000000000000000000000000001"));
  EXPECT_NE(name, keys.name_of("call", "CA00000000000000000000000000000002"));
  EXPECT_NE(name, keys.name_of("account", "CA00000000000000000000000000000001"));
  EXPECT_NE(name, keys_of(line('b')).name_of("call", "CA00000000000000000000000000000001"));
  EXPECT_NE(name, keys_of(line('a'), "other.example").name_of("call", "CA00000000000000000000000000000001"));
}

TEST(fleet_keys, names_and_owners_come_from_the_last_line) {
  auto const before = keys_of(line('a'));
  auto const appended = keys_of(line('b') + line('a'));
  EXPECT_EQ(before.name_of("call", "x"), appended.name_of("call", "x"));
  EXPECT_EQ(before.owners(), appended.owners());
  EXPECT_NE(before.owners(), keys_of(line('a') + line('b')).owners());
}

TEST(fleet_seal, opens_what_it_closed_and_only_there) {
  auto const keys = keys_of(line('a'));
  auto const sealed = keys.seal().close("body", "call owner", nonce, "{\"secret\":1}");
  EXPECT_EQ(sealed.find("secret"), std::string::npos);
  EXPECT_EQ(keys.seal().open("body", "call owner", sealed), "{\"secret\":1}");
  EXPECT_EQ(keys.seal().open("mark", "call owner", sealed), std::nullopt);
  EXPECT_EQ(keys.seal().open("body", "call other", sealed), std::nullopt);
  EXPECT_EQ(keys.seal().open("bodyc", "all owner", sealed), std::nullopt);
  EXPECT_EQ(keys_of(line('a'), "other.example").seal().open("body", "call owner", sealed), std::nullopt);
  EXPECT_EQ(keys_of(line('b')).seal().open("body", "call owner", sealed), std::nullopt);
}

TEST(fleet_seal, a_changed_or_cut_value_does_not_open) {
  auto const keys = keys_of(line('a'));
  auto const sealed = keys.seal().close("body", "here", nonce, "plain");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_EQ(keys.seal().open("body", "here", changed), std::nullopt) << i;
    EXPECT_EQ(keys.seal().open("body", "here", sealed.substr(0, i)), std::nullopt) << i;
  }
  EXPECT_EQ(keys.seal().open("body", "here", sealed + "x"), std::nullopt);
}

TEST(fleet_seal, keys_change_one_replica_at_a_time) {
  auto const old = keys_of(line('a')), appended = keys_of(line('a') + line('b') + line('a')), moved = keys_of(line('b') + line('a'));
  auto const by_old = old.seal().close("body", "here", nonce, "1"), by_new = moved.seal().close("body", "here", nonce, "2");
  EXPECT_EQ(appended.seal().open("body", "here", by_old), "1");
  EXPECT_EQ(appended.seal().open("body", "here", by_new), "2");
  EXPECT_EQ(moved.seal().open("body", "here", by_old), "1");
  EXPECT_EQ(old.seal().open("body", "here", by_new), std::nullopt);
}

}  // namespace
}  // namespace gateway::fleet_keys_test
