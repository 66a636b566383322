#include "core/auth/grants.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <random>

namespace gateway::grants_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since_start) { return mono_time{1000h + since_start}; }

partition who(unsigned credential) {
  partition made;
  made.id[0] = static_cast<std::byte>(credential);
  return made;
}

granted_account of(unsigned account) {
  char sid[35];
  std::snprintf(sid, sizeof sid, "AC%032x", account);
  auto const whose = *account_sid::parse(sid);
  return {whose, shared_partition(whose, fingerprint_key{})};
}

// All grants of a credential, the most recently used first.
std::vector<grant_table::page::held> all_of(grant_table& table, unsigned credential, mono_time now) {
  std::vector<grant_table::page::held> all;
  grant_table::page page;
  do {
    table.read(who(credential), now, page);
    all.insert(all.end(), page.some.begin(), page.some.begin() + static_cast<std::ptrdiff_t>(page.count));
  } while (!page.is_last);
  return all;
}

std::optional<mono_time> find(grant_table& table, unsigned credential, unsigned account, mono_time now) {
  for (auto const& one : all_of(table, credential, now)) {
    if (one.shared == of(account).shared) return one.asked_at;
  }
  return std::nullopt;
}

TEST(grants, belong_to_one_credential_and_one_account) {
  grant_table table{10, 5min};
  EXPECT_FALSE(find(table, 1, 1, at(0s)));
  table.give(who(1), of(1), at(0s));
  EXPECT_EQ(find(table, 1, 1, at(1s)), at(0s));
  EXPECT_FALSE(find(table, 1, 2, at(1s))) << "another account";
  EXPECT_FALSE(find(table, 2, 1, at(1s))) << "another credential";
}

TEST(grants, end_with_their_time_counted_from_the_question) {
  grant_table table{10, 5min};
  table.give(who(1), of(1), at(0s));
  EXPECT_TRUE(find(table, 1, 1, at(5min - 1ns)));
  EXPECT_FALSE(find(table, 1, 1, at(5min)));
  table.give(who(1), of(1), at(6min));
  EXPECT_TRUE(find(table, 1, 1, at(10min)));
  table.give(who(1), of(1), at(2min));  // a late answer to an earlier request
  EXPECT_TRUE(find(table, 1, 1, at(10min))) << "shortens nothing";
}

TEST(grants, another_time_holds_for_those_that_were_given_before) {
  grant_table table{10, 1min};
  table.give(who(1), of(1), at(0s));
  table.set_ttl(2min);
  EXPECT_TRUE(find(table, 1, 1, at(2min - 1ns)));
  table.set_ttl(1s);
  EXPECT_FALSE(find(table, 1, 1, at(1s)));
}

TEST(grants, of_one_account_are_counted_while_they_hold) {
  grant_table table{10, 5min};
  for (unsigned one = 1; one <= 3; ++one) table.give(who(one), of(1), at(one * 1min));
  table.give(who(1), of(2), at(0s));
  table.withdraw(who(2), of(1), at(4min));
  EXPECT_EQ(table.holders(of(1).whose, at(4min)), 2U);
  EXPECT_EQ(table.holders(of(1).whose, at(6min)), 1U) << "the oldest is over";
  EXPECT_EQ(table.holders(of(9).whose, at(4min)), 0U);
}

TEST(grants, a_hit_prolongs_nothing) {
  grant_table table{10, 5min};
  table.give(who(1), of(1), at(0s));
  for (auto now = at(0s); now < at(5min); now += 1s) ASSERT_TRUE(find(table, 1, 1, now));
  EXPECT_FALSE(find(table, 1, 1, at(5min)));
}

TEST(grants, are_withdrawn_at_once_and_not_given_back_by_an_answer_that_was_under_way) {
  grant_table table{10, 5min};
  table.give(who(1), of(1), at(0s));
  table.give(who(1), of(2), at(0s));
  table.withdraw(who(1), of(1), at(2s));
  EXPECT_FALSE(find(table, 1, 1, at(2s)));
  EXPECT_TRUE(find(table, 1, 2, at(2s))) << "of another account";
  table.give(who(1), of(1), at(1s));
  table.give(who(1), of(1), at(2s));
  EXPECT_FALSE(find(table, 1, 1, at(3s)));
  table.give(who(1), of(1), at(2s + 1ns));
  EXPECT_TRUE(find(table, 1, 1, at(3s)));
}

TEST(grants, are_bounded_and_the_one_not_used_for_longest_goes_first) {
  grant_table table{3, 5min};
  for (unsigned i = 1; i <= 3; ++i) table.give(who(i), of(1), at(0s));
  EXPECT_TRUE(find(table, 1, 1, at(1s)));
  table.give(who(4), of(1), at(1s));
  EXPECT_EQ(table.size(), 3U);
  EXPECT_FALSE(find(table, 2, 1, at(1s)));
  EXPECT_TRUE(find(table, 1, 1, at(1s)) && find(table, 3, 1, at(1s)) && find(table, 4, 1, at(1s)));
}

TEST(grants, of_one_credential_are_bounded_so_that_none_takes_the_place_of_all_others) {
  grant_table table{1000, 5min};
  table.give(who(2), of(1), at(0s));
  for (unsigned account = 1; account <= 1000; ++account) table.give(who(1), of(account), at(0s));
  EXPECT_EQ(table.size(), grant_table::most_per_credential + 1);
  EXPECT_EQ(all_of(table, 1, at(1s)).size(), grant_table::most_per_credential);
  EXPECT_FALSE(find(table, 1, 1, at(1s)));
  EXPECT_TRUE(find(table, 1, 1000, at(1s)));
  EXPECT_TRUE(find(table, 2, 1, at(1s)));
}

TEST(grants, that_were_used_are_told_first) {
  grant_table table{100, 5min};
  for (unsigned account = 1; account <= 20; ++account) table.give(who(1), of(account), at(0s));
  table.use(who(1), of(7).shared);
  auto const all = all_of(table, 1, at(1s));
  ASSERT_EQ(all.size(), 20U);
  EXPECT_EQ(all[0].shared, of(7).shared);
  EXPECT_EQ(all[1].shared, of(20).shared);
  EXPECT_EQ(all[19].shared, of(1).shared);
  table.use(who(1), of(99).shared);
  table.use(who(9), of(1).shared);
}

TEST(grants, a_withdrawal_that_is_forgotten_for_want_of_room_is_not_forgiven) {
  grant_table table{2, 5min};
  table.withdraw(who(1), of(1), at(5s));
  for (unsigned i = 2; i <= 4; ++i) table.give(who(i), of(1), at(6s));
  table.give(who(1), of(1), at(5s));  // was under way when the grant was withdrawn
  EXPECT_FALSE(find(table, 1, 1, at(7s)));
  table.give(who(1), of(1), at(5s + 1ns));
  EXPECT_TRUE(find(table, 1, 1, at(7s)));
}

// Compares the table with a list of all past events.
TEST(grants, random_histories_agree_with_the_definition) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    grant_table table{1000, 20s};
    std::map<std::pair<unsigned, unsigned>, std::pair<mono_time, mono_time>> history;  // asked at, withdrawn at
    auto now = at(0s);
    for (int step = 0; step < 300; ++step) {
      now += std::chrono::seconds{random() % 4};
      unsigned const credential = random() % 3;
      unsigned const account = random() % 12;
      auto const place = history.try_emplace({credential, account}, mono_time::min(), mono_time::min()).first;
      auto& [asked, withdrawn] = place->second;
      switch (random() % 5) {
        case 0: {
          auto const then = now - std::chrono::seconds{random() % 8};
          table.give(who(credential), of(account), then);
          asked = std::max(asked, then);
          break;
        }
        case 1:
          table.withdraw(who(credential), of(account), now);
          withdrawn = now;
          break;
        case 2:
          table.use(who(credential), of(account).shared);
          break;
        default: {
          bool const expected = asked > withdrawn && now < asked + 20s;
          ASSERT_EQ(find(table, credential, account, now).has_value(), expected) << "seed " << seed << " step " << step;
        }
      }
    }
  }
}

}  // namespace
}  // namespace gateway::grants_test
