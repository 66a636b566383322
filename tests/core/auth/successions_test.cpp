// What an account's earlier credentials stored, and what the upstream has shown to its present credential.
#include "core/auth/successions.hpp"

#include <gtest/gtest.h>

#include <cstdio>

namespace gateway::successions_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since_start) { return mono_time{1000h + since_start}; }

partition credential(unsigned number) {
  partition who;
  who.id[0] = static_cast<std::byte>(number);
  return who;
}

account_sid account(unsigned number) {
  char text[35];
  std::snprintf(text, sizeof text, "AC%032x", number);
  return *account_sid::parse(text);
}

std::vector<partition> change(successions& all, unsigned now, unsigned before) {
  succession const one{credential(now), credential(before)};
  return all.take_over({&one, 1});
}

TEST(successions, there_are_none_while_no_credential_changes) {
  successions all;
  change(all, 1, 1);
  EXPECT_TRUE(all.empty());
  EXPECT_TRUE(all.before(credential(1)).empty());
  all.show(credential(1), account(1), at(0s));
  EXPECT_FALSE(all.shown(credential(1), account(1)));
}

TEST(successions, a_new_credential_has_those_before_it_and_has_been_shown_nothing) {
  successions all;
  change(all, 2, 1);
  EXPECT_EQ(all.before(credential(2)), (std::vector{credential(1)}));
  EXPECT_TRUE(all.before(credential(1)).empty());
  all.show(credential(2), account(1), at(1s));
  all.show(credential(2), account(1), at(0s));
  EXPECT_EQ(all.shown(credential(2), account(1)), at(1s));
  EXPECT_FALSE(all.shown(credential(2), account(2)));
  change(all, 2, 2);  // only another file has changed
  EXPECT_EQ(all.shown(credential(2), account(1)), at(1s));
  change(all, 3, 2);
  EXPECT_EQ(all.before(credential(3)), (std::vector{credential(2), credential(1)}));
  EXPECT_FALSE(all.shown(credential(3), account(1))) << "what its predecessor was shown proves nothing of it";
}

TEST(successions, one_that_comes_back_is_no_predecessor_of_itself) {
  successions all;
  change(all, 2, 1);
  change(all, 1, 2);
  EXPECT_EQ(all.before(credential(1)), (std::vector{credential(2)}));
}

TEST(successions, what_was_shown_is_taken_away_by_account_or_as_a_whole) {
  successions all;
  change(all, 2, 1);
  for (unsigned i = 1; i <= 3; ++i) all.show(credential(2), account(i), at(0s));
  all.hide(credential(2), account(1));
  EXPECT_FALSE(all.shown(credential(2), account(1)));
  EXPECT_TRUE(all.shown(credential(2), account(2)));
  all.hide_all(credential(2));
  EXPECT_FALSE(all.shown(credential(2), account(2)));
  EXPECT_FALSE(all.before(credential(2)).empty());
  all.end(credential(2));
  EXPECT_TRUE(all.before(credential(2)).empty());
}

TEST(successions, are_bounded) {
  successions all;
  for (unsigned i = 1; i <= successions::most_before; ++i) EXPECT_TRUE(change(all, i + 1, i).empty());
  auto const last = static_cast<unsigned>(successions::most_before) + 1;
  EXPECT_EQ(change(all, last + 1, last), (std::vector{credential(1)})) << "the oldest is out of reach";
  EXPECT_EQ(all.before(credential(last + 1)).size(), successions::most_before);
  for (unsigned i = 0; i <= successions::most_shown; ++i) all.show(credential(last + 1), account(i), at(0s));
  EXPECT_FALSE(all.shown(credential(last + 1), account(0)));
  EXPECT_TRUE(all.shown(credential(last + 1), account(1)));
  EXPECT_TRUE(all.take_over({}).empty());
  EXPECT_TRUE(all.empty()) << "an account that is gone leaves nothing";
}

}  // namespace
}  // namespace gateway::successions_test
