#include "core/fleet/mark_journal.hpp"

#include <gtest/gtest.h>

#include "cache/entries.hpp"
#include "core/fleet/pending_marks.hpp"

namespace gateway::mark_journal_test {
namespace {

mark_journal some_journal() { return {"5d1e:2", 42, {{"name:1", std::string("\0:7\n", 4)}, {"name:2", ""}}}; }

TEST(mark_journal, it_is_read_back) {
  for (auto const& one : {some_journal(), mark_journal{}}) {
    auto const read = mark_journal::parse(one.text());
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, one);
  }
}

TEST(mark_journal, a_damaged_one_is_noticed) {
  auto const text = some_journal().text();
  for (std::size_t n = 0; n < text.size(); ++n) {
    EXPECT_FALSE(mark_journal::parse(text.substr(0, n))) << n;
    auto changed = text;
    changed[n] = static_cast<char>(changed[n] ^ 1);
    EXPECT_FALSE(mark_journal::parse(changed)) << n;
  }
}

fleet_mark of_call(unsigned number, purge_depth how) { return fleet_mark::of_purge({call_number(number), {}}, how); }

TEST(pending_marks, each_is_confirmed_with_all_before_it) {
  pending_marks all;
  EXPECT_EQ(all.confirmed(), 0U);
  auto const first = all.add(of_call(1, purge_depth::hard), "1", "one");
  auto const second = all.add(of_call(2, purge_depth::hard), "2", "two");
  EXPECT_LT(all.confirmed(), first);
  all.confirm(first);
  EXPECT_GE(all.confirmed(), first);
  EXPECT_LT(all.confirmed(), second);
  EXPECT_TRUE(all.holds("two"));
  EXPECT_FALSE(all.holds("one"));
  all.confirm(second);
  EXPECT_GE(all.confirmed(), second);
}

TEST(pending_marks, a_full_list_becomes_one_mark_about_everything) {
  for (auto const how : {purge_depth::soft, purge_depth::hard}) {
    pending_marks all;
    auto const first = all.add(of_call(0, how), "", "");
    while (!all.is_full()) all.add(of_call(1, purge_depth::soft), "", "");
    auto const sum = all.sum_with(of_call(2, purge_depth::soft));
    EXPECT_EQ(sum, fleet_mark::of_purge({}, how)) << "as hard as the hardest of them";
    auto const last = all.add(sum, "", "");
    EXPECT_EQ(all.all().size(), 1U);
    EXPECT_LT(all.confirmed(), first) << "it stands for the first one, too";
    all.confirm(last);
    EXPECT_EQ(all.confirmed(), last);
  }
}

}  // namespace
}  // namespace gateway::mark_journal_test
