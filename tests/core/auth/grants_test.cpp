#include "core/auth/grants.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>

namespace gateway {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since_start) { return mono_time{1000h + since_start}; }

grant_key pair(unsigned credential, unsigned account) {
  partition who;
  who.id[0] = static_cast<std::byte>(credential);
  char sid[35];
  std::snprintf(sid, sizeof sid, "AC%032x", account);
  return {who, *account_sid::parse(sid), short_hash_key{}};
}

TEST(grants, belong_to_one_credential_and_one_account) {
  grant_table table{10, 5min};
  EXPECT_FALSE(table.find(pair(1, 1), at(0s)));
  table.give(pair(1, 1), at(0s));
  EXPECT_EQ(table.find(pair(1, 1), at(1s)), at(0s));
  EXPECT_FALSE(table.find(pair(1, 2), at(1s))) << "another account";
  EXPECT_FALSE(table.find(pair(2, 1), at(1s))) << "another credential";
}

TEST(grants, end_with_their_time_counted_from_the_question) {
  grant_table table{10, 5min};
  table.give(pair(1, 1), at(0s));
  EXPECT_TRUE(table.find(pair(1, 1), at(5min - 1ns)));
  EXPECT_FALSE(table.find(pair(1, 1), at(5min)));
  table.give(pair(1, 1), at(6min));
  EXPECT_TRUE(table.find(pair(1, 1), at(10min)));
  table.give(pair(1, 1), at(2min));  // a slow answer to an earlier question
  EXPECT_TRUE(table.find(pair(1, 1), at(10min))) << "shortens nothing";
}

TEST(grants, another_time_holds_for_those_that_were_given_before) {
  grant_table table{10, 1min};
  table.give(pair(1, 1), at(0s));
  table.set_ttl(2min);
  EXPECT_TRUE(table.find(pair(1, 1), at(2min - 1ns)));
  table.set_ttl(1s);
  EXPECT_FALSE(table.find(pair(1, 1), at(1s)));
}

TEST(grants, of_one_account_are_counted_while_they_hold) {
  grant_table table{10, 5min};
  for (unsigned who = 1; who <= 3; ++who) table.give(pair(who, 1), at(who * 1min));
  table.give(pair(1, 2), at(0s));
  table.withdraw(pair(2, 1), at(4min));
  auto const account = pair(1, 1).whose;
  EXPECT_EQ(table.holders(account, at(4min)), 2U);
  EXPECT_EQ(table.holders(account, at(6min)), 1U) << "the oldest is over";
  EXPECT_EQ(table.holders(pair(1, 9).whose, at(4min)), 0U);
}

TEST(grants, a_hit_prolongs_nothing) {
  grant_table table{10, 5min};
  table.give(pair(1, 1), at(0s));
  for (auto now = at(0s); now < at(5min); now += 1s) ASSERT_TRUE(table.find(pair(1, 1), now));
  EXPECT_FALSE(table.find(pair(1, 1), at(5min)));
}

TEST(grants, are_withdrawn_at_once_and_not_given_back_by_an_answer_that_was_under_way) {
  grant_table table{10, 5min};
  table.give(pair(1, 1), at(0s));
  table.give(pair(1, 2), at(0s));
  table.withdraw(pair(1, 1), at(2s));
  EXPECT_FALSE(table.find(pair(1, 1), at(2s)));
  EXPECT_TRUE(table.find(pair(1, 2), at(2s))) << "of another account";
  table.give(pair(1, 1), at(1s));
  table.give(pair(1, 1), at(2s));
  EXPECT_FALSE(table.find(pair(1, 1), at(3s)));
  table.give(pair(1, 1), at(2s + 1ns));
  EXPECT_TRUE(table.find(pair(1, 1), at(3s)));
}

TEST(grants, are_bounded_and_the_one_not_used_for_longest_goes_first) {
  grant_table table{3, 5min};
  for (unsigned i = 1; i <= 3; ++i) table.give(pair(i, 1), at(0s));
  EXPECT_TRUE(table.find(pair(1, 1), at(1s)));
  table.give(pair(4, 1), at(1s));
  EXPECT_EQ(table.size(), 3u);
  EXPECT_FALSE(table.find(pair(2, 1), at(1s)));
  EXPECT_TRUE(table.find(pair(1, 1), at(1s)) && table.find(pair(3, 1), at(1s)) && table.find(pair(4, 1), at(1s)));
}

// Against a list of everything that ever happened.
TEST(grants, random_histories_agree_with_the_definition) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    grant_table table{1000, 20s};
    std::map<std::pair<unsigned, unsigned>, std::pair<mono_time, mono_time>> history;  // asked, withdrawn
    auto now = at(0s);
    for (int step = 0; step < 300; ++step) {
      now += std::chrono::seconds{random() % 4};
      unsigned const who = random() % 3;
      unsigned const whose = random() % 3;
      auto const place = history.try_emplace({who, whose}, mono_time::min(), mono_time::min()).first;
      auto& [asked, withdrawn] = place->second;
      switch (random() % 4) {
        case 0: {
          auto const then = now - std::chrono::seconds{random() % 8};
          table.give(pair(who, whose), then);
          asked = std::max(asked, then);
          break;
        }
        case 1:
          table.withdraw(pair(who, whose), now);
          withdrawn = now;
          break;
        default: {
          bool const expected = asked > withdrawn && now < asked + 20s;
          ASSERT_EQ(table.find(pair(who, whose), now).has_value(), expected) << "seed " << seed << " step " << step;
        }
      }
    }
  }
}

}  // namespace
}  // namespace gateway
