#include "io/runtime/published.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace gateway::test::published_test {
namespace {

struct pair_of_numbers {
  int first, second;  // always equal
};
using numbers = published<pair_of_numbers>;

numbers::pointer both(int number) { return std::make_shared<const pair_of_numbers>(pair_of_numbers{number, number}); }

TEST(published, a_reader_sees_the_first_value_and_then_each_newer_one) {
  numbers all{both(1)};
  numbers::reader early{all};
  EXPECT_EQ(early.current().first, 1);
  all.replace(both(2));
  all.replace(both(3));
  numbers::reader late{all};
  EXPECT_EQ(early.current().first, 3);
  EXPECT_EQ(late.current().first, 3);
  EXPECT_EQ(all.get()->first, 3);
}

TEST(published, what_a_reader_has_stays_until_it_looks_again) {
  numbers all{both(1)};
  numbers::reader one{all};
  auto const& kept = one.current();
  all.replace(both(2));
  EXPECT_EQ(kept.first, 1);
  EXPECT_EQ(one.current().first, 2);
}

TEST(published, readers_of_other_threads_see_whole_values_in_their_order_and_the_last_one) {
  constexpr int last = 2000;
  numbers all{both(0)};
  std::vector<int> wrong(3);
  {
    std::vector<std::jthread> readers;
    for (auto& mistakes : wrong) {
      readers.emplace_back([&all, &mistakes] {
        numbers::reader mine{all};
        for (int before = 0; before < last;) {
          auto const& now = mine.current();
          if (now.first != now.second || now.first < before) ++mistakes;
          before = now.first;
        }
      });
    }
    for (int i = 1; i <= last; ++i) all.replace(both(i));
  }
  EXPECT_EQ(wrong, std::vector<int>(3));
}

}  // namespace
}  // namespace gateway::test::published_test
