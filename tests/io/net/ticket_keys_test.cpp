// Keys of session tickets: at most two, each with a limited lifetime.
#include "io/net/ticket_keys.hpp"

#include <gtest/gtest.h>

namespace gateway::test::ticket_keys_test {
namespace {

using namespace std::chrono_literals;

const mono_time start{1000h};

TEST(ticket_keys, one_key_for_its_lifetime) {
  ticket_keys keys{1h};
  auto const key = keys.current(start);
  EXPECT_EQ(keys.current(start + 1h - 1ns).name, key.name);
  auto const found = keys.find(key.name.data(), start + 30min);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->is_current);
  EXPECT_EQ(found->key.cipher, key.cipher);
  EXPECT_EQ(found->key.mac, key.mac);
}

TEST(ticket_keys, an_old_key_opens_for_as_long_again_and_asks_for_a_new_ticket) {
  ticket_keys keys{1h};
  auto const old = keys.current(start);
  auto const fresh = keys.current(start + 1h);
  EXPECT_NE(fresh.name, old.name);
  EXPECT_NE(fresh.cipher, old.cipher);
  EXPECT_NE(fresh.mac, old.mac);
  auto const found = keys.find(old.name.data(), start + 2h - 1ns);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->is_current);
  EXPECT_EQ(found->key.cipher, old.cipher);
  EXPECT_FALSE(keys.find(old.name.data(), start + 2h));
}

TEST(ticket_keys, a_key_that_was_not_used_for_long_is_gone_all_the_same) {
  ticket_keys keys{1h};
  auto const old = keys.current(start);
  EXPECT_FALSE(keys.find(old.name.data(), start + 100h));
}

TEST(ticket_keys, a_strange_key_is_not_known) {
  ticket_keys keys{1h};
  auto name = keys.current(start).name;
  name[15] = static_cast<unsigned char>(name[15] ^ 1);
  EXPECT_FALSE(keys.find(name.data(), start));
}

TEST(ticket_keys, before_there_is_a_second_key_zeros_open_nothing) {
  ticket_keys keys{1h};
  std::array<unsigned char, 16> const zeros{};
  EXPECT_FALSE(keys.find(zeros.data(), start));
}

}  // namespace
}  // namespace gateway::test::ticket_keys_test
