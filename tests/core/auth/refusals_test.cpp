#include "core/auth/refusals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>

namespace gateway::refusals_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since_start) { return mono_time{1000h + since_start}; }

partition credential(unsigned number) {
  partition who;
  who.id[0] = static_cast<std::byte>(number);
  who.id[1] = static_cast<std::byte>(number >> 8);
  who.id[9] = static_cast<std::byte>(number >> 16);  // the same hash bits, but another credential
  return who;
}

TEST(refusals, what_was_proved_before_one_counts_no_more_and_what_comes_after_does) {
  refusals table{10};
  EXPECT_FALSE(table.since(credential(1), at(-1000h)));
  table.note(credential(1), at(5s));
  EXPECT_TRUE(table.since(credential(1), at(4s)));
  EXPECT_TRUE(table.since(credential(1), at(5s))) << "at the same moment: the refusal wins";
  EXPECT_FALSE(table.since(credential(1), at(6s)));
  EXPECT_FALSE(table.since(credential(2), at(4s))) << "another credential";
  EXPECT_FALSE(table.since(credential(1 + (1 << 16)), at(4s))) << "one with the same hash";
}

TEST(refusals, the_latest_counts_in_whatever_order_they_are_noted) {
  refusals table{10};
  table.note(credential(1), at(9s));
  table.note(credential(1), at(5s));
  EXPECT_TRUE(table.since(credential(1), at(9s)));
}

TEST(refusals, what_is_forgotten_for_want_of_room_is_not_forgiven) {
  refusals table{2};
  for (unsigned who = 1; who <= 3; ++who) table.note(credential(who), at(who * 1s));
  EXPECT_EQ(table.size(), 2U);
  EXPECT_TRUE(table.since(credential(1), at(1s)));
  EXPECT_FALSE(table.since(credential(1), at(1s + 1ns)));
  EXPECT_TRUE(table.since(credential(9), at(1s))) << "the price: it may have been this one";
  EXPECT_FALSE(table.since(credential(9), at(2s)));
}

// Compares the table with all refusals so far: none is missed, and no credential loses answers that are newer than all forgotten refusals.
TEST(refusals, random_histories_agree_with_the_definition) {
  std::uint64_t refused = 0, good = 0, paid = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    refusals table{4};
    std::map<unsigned, mono_time> all;
    auto now = at(0s);
    for (int step = 0; step < 100; ++step) {
      now += std::chrono::seconds{random() % 4};
      unsigned const who = random() % 3 + (random() % 4 == 0 ? random() % 8 : 0);
      if (random() % 4 == 0) {
        table.note(credential(who), now);
        all[who] = now;
        continue;
      }
      auto const moment = now - std::chrono::seconds{random() % 120};
      bool const was = all.contains(who) && all[who] >= moment;
      bool const says = table.since(credential(who), moment);
      ASSERT_TRUE(says || !was) << "seed " << seed << " step " << step << ": a refusal was overlooked";
      // The last four refusals of different credentials cannot have been forgotten.
      std::vector<mono_time> latest;
      for (auto const& [_, noted] : all) latest.push_back(noted);
      std::ranges::sort(latest, std::greater{});
      bool const may_be_forgotten = latest.size() > 4 && moment <= latest[4];
      if (says && !was) {
        ASSERT_TRUE(may_be_forgotten) << "seed " << seed << " step " << step << ": nobody was refused then";
        ++paid;
      }
      ++(was ? refused : good);
    }
  }
  EXPECT_GT(refused, 2000U) << "or the test shows nothing";
  EXPECT_GT(good, 2000U);
  EXPECT_GT(paid, 50U);
}

TEST(refusal_hints, never_say_no_of_one_that_was_noted) {
  auto const hints = std::make_unique<refusal_hints>();
  EXPECT_FALSE(hints->perhaps_since(credential(7), at(-1000h)));
  hints->note(credential(7), at(5s));
  std::mt19937_64 random{1};
  for (int i = 0; i < 100'000; ++i) {
    partition other;
    for (auto& byte : other.id) byte = static_cast<std::byte>(random());
    hints->note(other, at(std::chrono::milliseconds{random() % 10'000}));
    EXPECT_TRUE(hints->perhaps_since(other, at(0s)));
  }
  EXPECT_TRUE(hints->perhaps_since(credential(7), at(5s)));
}

}  // namespace
}  // namespace gateway::refusals_test
