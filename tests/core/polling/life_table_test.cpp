// The lives of many calls: found by key and by call, forgotten by age of their last look.
#include "core/polling/life_table.hpp"

#include <gtest/gtest.h>

#include "polling/lives.hpp"

namespace gateway::life_table_test {
namespace {

using namespace std::chrono_literals;

void look(life_table& table, const cache_key& key, std::chrono::nanoseconds when) {
  table.touch(key, at(when)).note_not_ready(not_ready_answer_of(), at(when), both(when));
}

TEST(life_table, keeps_partitions_apart) {
  life_table table{10};
  look(table, key_number(1, 1), 1s);
  EXPECT_NE(table.find(key_number(1, 1), at(2s)), nullptr);
  EXPECT_EQ(table.find(key_number(1, 2), at(2s)), nullptr);
  EXPECT_EQ(table.find(key_number(2, 1), at(2s)), nullptr);
}

TEST(life_table, forgets_the_oldest_look_beyond_its_bound) {
  life_table table{2};
  look(table, key_number(1), 1s);
  look(table, key_number(2), 2s);
  look(table, key_number(1), 3s);
  look(table, key_number(3), 4s);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.find(key_number(2), at(5s)), nullptr);
  EXPECT_NE(table.find(key_number(1), at(5s)), nullptr);
}

TEST(life_table, forgets_a_life_without_looks_after_a_day) {
  life_table table{10};
  look(table, key_number(1), 0s);
  EXPECT_NE(table.find(key_number(1), at(23h)), nullptr);
  EXPECT_EQ(table.find(key_number(1), at(24h)), nullptr);
  look(table, key_number(2), 25h);
  EXPECT_EQ(table.size(), 1U) << "its answer is not kept either";
}

TEST(life_table, begins_anew_after_a_day) {
  life_table table{10};
  look(table, key_number(1), 0s);
  look(table, key_number(1), 25h);
  EXPECT_EQ(table.find(key_number(1), at(25h))->looks_without_end, 1U);
}

TEST(life_table, lists_and_erases_all_partitions_of_a_call) {
  life_table table{10};
  for (unsigned owner = 0; owner < 3; ++owner) look(table, key_number(1, owner), 1s);
  look(table, key_number(2, 0), 1s);
  auto const bits = key_number(1).call_bits();
  EXPECT_EQ(table.about(bits, call_number(1)).size(), 3U);
  EXPECT_TRUE(table.about(bits, call_number(3)).empty()) << "a hash alone is no call";
  table.erase_call(bits, call_number(1));
  EXPECT_TRUE(table.about(bits, call_number(1)).empty());
  EXPECT_EQ(table.size(), 1U);
}

}  // namespace
}  // namespace gateway::life_table_test
