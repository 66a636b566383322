#include "core/cache/erased_parties.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>

#include "cache/entries.hpp"

namespace gateway::erased_parties_test {
namespace {

using namespace std::chrono_literals;

digest party_number(unsigned number) {
  digest who{};
  who[0] = static_cast<std::byte>(number);
  who[1] = static_cast<std::byte>(number >> 8);
  return who;
}

TEST(erased_parties, what_was_asked_for_before_is_not_stored_and_what_comes_later_for_a_time) {
  erased_parties erased;
  ASSERT_TRUE(erased.add(party_number(1), at(10s)));
  struct {
    std::chrono::nanoseconds asked, now, lasts;
    bool covers;
  } const table[] = {
      {9s, 11s, 0s, true},    // under way
      {10s, 11s, 0s, true},   // at that very moment
      {11s, 12s, 0s, false},  // later
      {11s, 12s, 5s, true},   // later, but the erasure still lasts
      {11s, 15s, 5s, false},  // and has ended
      {9s, 99s, 5s, true},    // however late it comes
  };
  for (auto const& one : table)
    EXPECT_EQ(erased.covers(party_number(1), at(one.asked), at(one.now), one.lasts), one.covers) << one.asked.count();
  EXPECT_FALSE(erased.covers(party_number(2), at(9s), at(11s), 1h));
}

TEST(erased_parties, it_is_forgotten_when_neither_a_fetch_nor_the_setting_needs_it) {
  for (auto const& [lasts, longest, kept_until] : {std::tuple{0s, 30s, 30s}, std::tuple{60s, 30s, 60s}, std::tuple{10s, 30s, 30s}}) {
    erased_parties erased;
    ASSERT_TRUE(erased.add(party_number(1), at(0s)));
    erased.forget(at(kept_until - 1ns), lasts, longest);
    EXPECT_TRUE(erased.holds(party_number(1)));
    erased.forget(at(kept_until), lasts, longest);
    EXPECT_TRUE(erased.empty());
  }
}

TEST(erased_parties, is_bounded_and_one_party_counts_once) {
  erased_parties erased;
  for (unsigned i = 0; i < erased_parties::most; ++i) ASSERT_TRUE(erased.add(party_number(i), at(0s)));
  EXPECT_FALSE(erased.add(party_number(erased_parties::most), at(1s)));
  EXPECT_TRUE(erased.add(party_number(7), at(2s)));
  EXPECT_EQ(erased.size(), erased_parties::most);
  EXPECT_TRUE(erased.covers(party_number(7), at(1s), at(3s), 0s)) << "its last erasure counts";
  EXPECT_FALSE(erased.covers(party_number(8), at(1s), at(3s), 0s));
}

// Fetches and erasures in any order, beside a model that remembers everything.
TEST(erased_parties, agrees_with_a_model_over_random_histories) {
  std::mt19937 random{5};
  constexpr auto longest_fetch = 16s;
  for (int history = 0; history < 300; ++history) {
    erased_parties erased;
    std::map<unsigned, std::chrono::seconds> model;
    auto const lasts = std::chrono::seconds{random() % 2 * (random() % 40)};
    auto now = 0s;
    for (int step = 0; step < 200; ++step) {
      now += std::chrono::seconds{random() % 4};
      auto const who = static_cast<unsigned>(random() % 5);
      switch (random() % 8) {
        case 0:
          ASSERT_TRUE(erased.add(party_number(who), at(now)));
          model[who] = now;
          break;
        case 1:
          erased.forget(at(now), lasts, longest_fetch);
          break;
        default: {
          auto const asked = now - std::chrono::seconds{random() % longest_fetch.count()};
          auto const known = model.find(who);
          bool const is_refused = known != model.end() && (asked <= known->second || now - known->second < lasts);
          ASSERT_EQ(erased.covers(party_number(who), at(asked), at(now), lasts), is_refused) << history << ", " << step;
        }
      }
    }
  }
}

}  // namespace
}  // namespace gateway::erased_parties_test
