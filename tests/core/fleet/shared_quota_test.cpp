// How a quota travels to the engine: the name that hides the client, and the replies that are none.
#include "core/fleet/shared_quota.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace gateway::test::shared_quota_test {
namespace {

using namespace std::chrono_literals;

engine_reply integer(std::int64_t value) {
  engine_reply made;
  made.is = engine_reply::kind::integer;
  made.number = value;
  return made;
}

engine_reply list(std::initializer_list<std::int64_t> values) {
  engine_reply made;
  made.is = engine_reply::kind::array;
  for (auto const one : values) made.items.push_back(integer(one));
  return made;
}

TEST(shared_quota, a_reply_is_four_numbers) {
  auto const word = read_quota_word(list({7, 3, 40, 1500}));
  ASSERT_TRUE(word);
  EXPECT_EQ(word->window, 7);
  EXPECT_EQ(word->holds, 3U);
  EXPECT_EQ(word->left, 40U);
  EXPECT_EQ(word->ends_in, 1500ms);
}

TEST(shared_quota, a_reply_of_another_form_is_none) {
  EXPECT_FALSE(read_quota_word(integer(1)));
  EXPECT_FALSE(read_quota_word(list({7, 3, 40})));
  EXPECT_FALSE(read_quota_word(list({7, 3, 40, 1500, 1})));
  EXPECT_FALSE(read_quota_word(list({7, -3, 40, 1500})));
  EXPECT_FALSE(read_quota_word(list({std::numeric_limits<std::int64_t>::max(), 3, 40, 1500}))) << "no window comes after that";
  EXPECT_FALSE(read_quota_word(list({7, 3, 40, 365LL * 24 * 3'600'000})));
  auto of_text = list({7, 3, 40, 1500});
  of_text.items[2].is = engine_reply::kind::text;
  EXPECT_FALSE(read_quota_word(of_text));
}

TEST(shared_quota, the_name_reveals_nothing_and_tells_clients_and_windows_apart) {
  auto const keys = fleet_keys::parse(std::string(64, 'a') + "\n", "https://insights.twilio.com");
  ASSERT_TRUE(keys);
  auto const billing = quota_name(*keys, "billing", {10, 1h});
  EXPECT_EQ(billing.size(), 32U);
  EXPECT_EQ(billing.find("billing"), std::string::npos);
  EXPECT_EQ(billing, quota_name(*keys, "billing", {20, 1h})) << "another number of the same window";
  EXPECT_NE(billing, quota_name(*keys, "billing", {10, 2h}));
  EXPECT_NE(billing, quota_name(*keys, "reports", {10, 1h}));
}

}  // namespace
}  // namespace gateway::test::shared_quota_test
