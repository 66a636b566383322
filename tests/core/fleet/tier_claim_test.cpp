// What the engine replies to a claim is read strictly: whatever else it may say is no reply.
#include "core/fleet/tier_claim.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gateway::test::tier_claim_test {
namespace {

engine_reply text(std::string value) {
  engine_reply made;
  made.is = engine_reply::kind::text;
  made.text = std::move(value);
  return made;
}

engine_reply list(const std::vector<std::string>& items) {
  engine_reply made;
  made.is = engine_reply::kind::array;
  for (auto const& one : items) made.items.push_back(text(one));
  return made;
}

constexpr std::string_view now = "1764445077123";

TEST(tier_claim, each_reply_has_its_parts) {
  using kind = tier_claim::kind;
  auto const summary = read_claim(list({"summary", std::string{now}, "7", "ab", "sealed", "1"}), 2);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->is, kind::summary);
  EXPECT_EQ(summary->now, wall_time{std::chrono::milliseconds{1764445077123}});
  EXPECT_EQ(summary->version, 7U);
  EXPECT_EQ(summary->token, "ab");
  EXPECT_EQ(summary->sealed, "sealed");
  EXPECT_EQ(summary->owner, 1U);
  auto const refusal = read_claim(list({"refusal", std::string{now}, "7", "ab", "sealed"}), 2);
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->is, kind::refusal);
  EXPECT_EQ(refusal->owner, 0U);
  auto const wait = read_claim(list({"wait", std::string{now}, "7", "cd"}), 1);
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->is, kind::wait);
  EXPECT_EQ(wait->token, "cd");
  EXPECT_EQ(read_claim(list({"lease", std::string{now}, "0"}), 1)->is, kind::lease);
  EXPECT_EQ(read_claim(list({"alone", std::string{now}, "0"}), 1)->is, kind::alone);
}

TEST(tier_claim, whatever_else_is_no_reply) {
  auto const n = std::string{now};
  for (auto const& items : std::vector<std::vector<std::string>>{{},
                                                                 {"lease"},
                                                                 {"lease", n},
                                                                 {"lease", n, "1", "2"},
                                                                 {"lease", n, ""},
                                                                 {"lease", n, "-1"},
                                                                 {"lease", n, "1.5"},
                                                                 {"lease", n, "99999999999999999999"},
                                                                 {"lease", "", "1"},
                                                                 {"lease", "7258118400001", "1"},
                                                                 {"lease", "18446744073709551615", "1"},
                                                                 {"leases", n, "1"},
                                                                 {"LEASE", n, "1"},
                                                                 {"summary", n, "1", "ab", "sealed"},
                                                                 {"summary", n, "1", "ab", "sealed", "2"},
                                                                 {"summary", n, "1", "ab", "sealed", "x"}}) {
    EXPECT_FALSE(read_claim(list(items), 2)) << testing::PrintToString(items);
  }
  EXPECT_FALSE(read_claim(text("lease"), 1));
  EXPECT_FALSE(read_claim({}, 1));
  auto nested = list({"lease", n, "1"});
  nested.items[2] = list({"1"});
  EXPECT_FALSE(read_claim(nested, 1));
}

TEST(tier_claim, an_owner_that_was_not_asked_for_is_never_named) {
  std::mt19937 random{5};
  std::size_t read = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto const owners = 1 + random() % 4;
    auto const got = read_claim(list({"summary", std::string{now}, "1", "ab", "sealed", std::to_string(random() % 8)}), owners);
    if (!got) continue;
    ++read;
    ASSERT_LT(got->owner, owners);
  }
  EXPECT_GT(read, 1000U);
}

}  // namespace
}  // namespace gateway::test::tier_claim_test
