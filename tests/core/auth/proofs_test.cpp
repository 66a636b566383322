// Which credentials are proved, and since when.
#include "core/auth/proofs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <random>

namespace gateway::proofs_test {
namespace {

using namespace std::chrono_literals;

mono_time at(std::chrono::nanoseconds since_start) { return mono_time{1000h + since_start}; }

partition credential(unsigned number) {
  partition who;
  who.id[0] = static_cast<std::byte>(number);
  return who;
}

TEST(proofs, count_from_their_question_and_end_with_their_time) {
  proofs table{10, 1h};
  EXPECT_FALSE(table.find(credential(1), at(0s)));
  table.give(credential(1), at(0s));
  EXPECT_EQ(table.find(credential(1), at(1h - 1ns)), at(0s));
  EXPECT_FALSE(table.find(credential(1), at(1h)));
  EXPECT_FALSE(table.find(credential(2), at(1s))) << "another credential";
  EXPECT_TRUE(table.knows(credential(1))) << "it was proved once";
  table.give(credential(1), at(30min));
  table.give(credential(1), at(10min));  // a late answer to an earlier request
  EXPECT_EQ(table.find(credential(1), at(80min)), at(30min));
}

TEST(proofs, another_lifetime_holds_for_those_that_were_given_before) {
  proofs table{10, 1h};
  table.give(credential(1), at(0s));
  table.set_lifetime(1min);
  EXPECT_FALSE(table.find(credential(1), at(1min)));
}

TEST(proofs, end_at_once_when_they_are_taken_away) {
  proofs table{10, 1h};
  table.give(credential(1), at(0s));
  table.end(credential(1), at(-1s));
  EXPECT_TRUE(table.find(credential(1), at(1s))) << "it was proved since";
  table.end(credential(1), at(0s));
  EXPECT_FALSE(table.find(credential(1), at(1s)));
  EXPECT_FALSE(table.knows(credential(1)));
  table.end(credential(2), at(0s));
  EXPECT_EQ(table.size(), 0U);
}

// Compares the table with a list, the most recently used last.
TEST(proofs, random_histories_agree_with_the_definition) {
  constexpr std::size_t most = 4;
  std::uint64_t held = 0, not_held = 0;
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937 random{seed};
    proofs table{most, 20s};
    std::list<std::pair<unsigned, mono_time>> known;
    auto const find = [&](unsigned who) { return std::ranges::find(known, who, &std::pair<unsigned, mono_time>::first); };
    auto now = at(0s);
    for (int step = 0; step < 200; ++step) {
      now += std::chrono::seconds{random() % 3};
      unsigned const who = random() % 7;
      auto const place = find(who);
      switch (random() % 8) {
        case 0:
        case 1:
        case 2: {
          auto const then = now - std::chrono::seconds{random() % 8};
          table.give(credential(who), then);
          auto const since = place == known.end() ? then : std::max(place->second, then);
          if (place != known.end()) known.erase(place);
          known.emplace_back(who, since);
          if (known.size() > most) known.pop_front();
          break;
        }
        case 3:
          table.end(credential(who), now);
          if (place != known.end()) known.erase(place);
          break;
        default: {
          bool const expected = place != known.end() && now - place->second < 20s;
          ASSERT_EQ(table.find(credential(who), now).has_value(), expected) << "seed " << seed << " step " << step;
          if (expected) known.splice(known.end(), known, place);
          ++(expected ? held : not_held);
        }
      }
    }
  }
  EXPECT_GT(held, 3000U) << "or the test shows nothing";
  EXPECT_GT(not_held, 3000U);
}

}  // namespace
}  // namespace gateway::proofs_test
