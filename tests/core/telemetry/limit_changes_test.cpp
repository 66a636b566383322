// Of a limit that moves all the time, operators read what matters.
#include "core/telemetry/limit_changes.hpp"

#include <gtest/gtest.h>

#include <random>

namespace gateway::limit_changes_test {
namespace {

constexpr std::uint64_t most = 40;

struct limit_changes_test : testing::Test {
  limit_changes seen;
  // "40>12" for each change; "" for none.
  std::string look(std::uint64_t limit, std::uint64_t account = 1) {
    std::vector<account_limit> lowered;
    if (limit < most) lowered.push_back({account, limit});
    std::string said;
    for (auto const& one : seen.look(lowered, most))
      said.append(said.empty() ? "" : " ").append(std::to_string(one.from)).append(">").append(std::to_string(one.to));
    return said;
  }
};

TEST_F(limit_changes_test, a_fall_and_the_way_back_are_told_and_small_steps_are_not) {
  EXPECT_EQ(look(40), "");
  EXPECT_EQ(look(39), "");
  EXPECT_EQ(look(12), "40>12");
  for (auto const step : {11, 12, 13, 12, 14, 10}) EXPECT_EQ(look(static_cast<std::uint64_t>(step)), "") << step;
  EXPECT_EQ(look(18), "12>18");
  EXPECT_EQ(look(26), "");
  EXPECT_EQ(look(40), "18>40");
  EXPECT_EQ(look(40), "");
}

TEST_F(limit_changes_test, a_slow_fall_is_told_as_well) {
  std::string said;
  for (std::uint64_t limit = most; limit > 0; --limit) said += look(limit) + ",";
  EXPECT_NE(said.find("40>30"), std::string::npos) << said;
  EXPECT_NE(said.find("3>1"), std::string::npos) << said;
}

TEST_F(limit_changes_test, accounts_are_apart) {
  EXPECT_EQ(look(20, 1), "40>20");
  EXPECT_EQ(seen.look({{1, 20}, {2, 10}}, most).front().account, 2U);
  auto const back = seen.look({{2, 10}}, most);
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back.front().account, 1U);
  EXPECT_EQ(back.front().to, most);
}

// Whatever the limit does: what was told last is near it, and a limit that stays in a narrow band is told once.
TEST_F(limit_changes_test, what_was_told_last_is_never_far_from_the_limit) {
  std::minstd_rand random{11};
  std::uint64_t told = most, limit = most;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 50 == 0) limit = limit / 2;
    limit = std::min<std::uint64_t>(std::max<std::uint64_t>(limit + random() % 3, 2) - 1, most);
    std::vector<account_limit> lowered;
    if (limit < most) lowered.push_back({1, limit});
    for (auto const& one : seen.look(lowered, most)) {
      EXPECT_EQ(one.from, told);
      told = one.to;
      EXPECT_EQ(told, limit);
    }
    EXPECT_GT(limit + std::max<std::uint64_t>(told / 4, 2), told);
    EXPECT_LT(limit, told + std::max<std::uint64_t>(told / 2, 2));
  }
}

}  // namespace
}  // namespace gateway::limit_changes_test
