#include "core/fleet/mark_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cache/entries.hpp"

namespace gateway::mark_table_test {
namespace {

constexpr auto no_account = std::nullopt;

std::string name_in_engine(const fleet_mark& what) { return "name of " + what.text(); }

bool merge(mark_table& into, const fleet_mark& what, std::uint64_t version, const std::string& sealed = "once") {
  return into.merge({name_in_engine(what), version, sealed}, what);
}

fleet_mark of_call(unsigned number, purge_depth how = purge_depth::hard) { return fleet_mark::of_purge({call_number(number), {}}, how); }

std::uint64_t newest(const mark_table& in, unsigned call, unsigned owner, const std::optional<account_sid>& account = no_account) {
  auto const key = key_number(call, owner);
  return in.newest(key.call, key.owner, account);
}

TEST(mark_table, each_kind_concerns_what_it_names_and_nothing_else) {
  auto const mine = *account_sid::parse("AC" + std::string(32, 'a'));
  auto const other = *account_sid::parse("AC" + std::string(32, 'b'));
  auto const concerns = [&](const fleet_mark& what, unsigned call, unsigned owner, const std::optional<account_sid>& account) {
    mark_table table;
    merge(table, what, 5);
    return newest(table, call, owner, account) == 5;
  };
  for (auto const how : {purge_depth::soft, purge_depth::hard}) {
    EXPECT_TRUE(concerns(of_call(1, how), 1, 7, no_account));
    EXPECT_FALSE(concerns(of_call(1, how), 2, 7, no_account));
    EXPECT_TRUE(concerns(fleet_mark::of_purge({{}, mine}, how), 1, 7, mine));
    EXPECT_FALSE(concerns(fleet_mark::of_purge({{}, mine}, how), 1, 7, other));
    EXPECT_FALSE(concerns(fleet_mark::of_purge({{}, mine}, how), 1, 7, no_account)) << "a refusal names no account";
    EXPECT_TRUE(concerns(fleet_mark::of_purge({}, how), 1, 7, no_account));
  }
  EXPECT_TRUE(concerns(fleet_mark::of_refusal(key_number(1, 7).owner), 2, 7, mine));
  EXPECT_FALSE(concerns(fleet_mark::of_refusal(key_number(1, 7).owner), 2, 8, mine));
  EXPECT_TRUE(concerns(fleet_mark::of_erasure(digest{std::byte{1}}), 1, 7, no_account)) << "no name tells which entries hold a party";
  EXPECT_TRUE(concerns(fleet_mark::of_change(call_number(1)), 1, 7, no_account));
  EXPECT_FALSE(concerns(fleet_mark::of_change(call_number(1)), 2, 7, no_account));
}

TEST(mark_table, the_plain_form_is_read_back_and_nothing_else_is) {
  for (auto const& one : {of_call(1), of_call(1, purge_depth::soft), fleet_mark::of_purge({}, purge_depth::hard),
                          fleet_mark::of_refusal(key_number(1, 7).owner), fleet_mark::of_change(call_number(3)),
                          fleet_mark::of_erasure(digest{std::byte{4}})}) {
    auto const read = fleet_mark::parse(one.text());
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, one);
  }
  for (std::string const text : {"", "x", "C", "Cshort", "Esomething", "R123", "P123", "ACA00000000000000000000000000000001"})
    EXPECT_FALSE(fleet_mark::parse(text)) << text;
}

TEST(mark_table, a_newer_version_is_news_unless_it_is_the_same_mark_once_more) {
  mark_table table;
  EXPECT_TRUE(merge(table, of_call(1), 5, "first"));
  EXPECT_FALSE(merge(table, of_call(1), 5, "first")) << "read again";
  EXPECT_FALSE(merge(table, of_call(1), 4, "older"));
  EXPECT_FALSE(merge(table, of_call(1), 9, "first")) << "written again, after the engine had lost it";
  EXPECT_EQ(newest(table, 1, 7), 9U) << "but under the new version";
  EXPECT_TRUE(merge(table, of_call(1), 10, "second"));
}

TEST(mark_table, a_soft_purge_after_a_hard_one_hides_it_from_nobody) {
  mark_table table;
  merge(table, of_call(1, purge_depth::hard), 5);
  merge(table, of_call(1, purge_depth::soft), 6);
  EXPECT_EQ(table.above(0, 10).size(), 2U);
}

TEST(mark_table, what_the_engine_does_not_have_yet_counts_as_newer_than_all_of_it) {
  mark_table table;
  table.begin(of_call(1));
  table.begin(of_call(1));
  table.end(of_call(1));
  EXPECT_EQ(newest(table, 1, 7), mark_table::not_yet_written);
  EXPECT_EQ(newest(table, 2, 7), 0U);
  table.end(of_call(1));
  EXPECT_EQ(newest(table, 1, 7), 0U);
}

TEST(mark_table, a_dropped_mark_raises_the_floor) {
  mark_table table{2};
  merge(table, of_call(1), 1);
  merge(table, of_call(2), 2);
  merge(table, of_call(3), 3);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.floors(), (mark_floors{1, 1}));
  EXPECT_EQ(newest(table, 9, 9), 1U);
}

TEST(mark_table, a_dropped_change_of_a_call_leaves_the_values_of_other_calls_alone) {
  mark_table table{1};
  merge(table, fleet_mark::of_change(call_number(1)), 1);
  merge(table, of_call(2, purge_depth::soft), 2);
  merge(table, of_call(3), 3);
  EXPECT_EQ(table.floors(), (mark_floors{0, 2})) << "the engine dropped those calls with their marks";
}

TEST(mark_table, pages_go_through_all_marks_in_their_order) {
  mark_table table;
  for (unsigned n = 1; n <= 7; ++n) merge(table, of_call(n), 2 * n);
  std::vector<std::uint64_t> seen;
  for (std::uint64_t above = 0;;) {
    auto const page = table.above(above, 3);
    for (auto const& one : page) seen.push_back(one.written.version);
    if (page.size() < 3) break;
    above = page.back().written.version;
  }
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{2, 4, 6, 8, 10, 12, 14}));
}

// --- a property: replicas that have seen the same marks agree, in whatever order and however often each saw them

struct seen {
  fleet_mark what;
  std::uint64_t version;
  std::string sealed;
};

std::vector<seen> some_marks(std::minstd_rand& chance) {
  std::vector<seen> all;
  for (unsigned n = 0; n < 40; ++n) {
    auto const call = chance() % 12;
    auto const what = chance() % 4 == 0 ? fleet_mark::of_change(call_number(call)) : of_call(call);
    all.push_back({what, 1 + chance() % 30, std::string(1, static_cast<char>('a' + chance() % 3))});
  }
  return all;
}

std::string told_by(const mark_table& table) {
  std::string text = std::to_string(table.floors().complete);
  for (auto const& one : table.above(0, 100))
    text.append(" ").append(one.what.text()).append("@").append(std::to_string(one.written.version)).append(one.written.sealed);
  return text;
}

TEST(mark_table, merging_depends_neither_on_order_nor_on_repetition) {
  std::minstd_rand chance{20251129};
  for (int round = 0; round < 300; ++round) {
    auto marks = some_marks(chance);
    auto const most = 4 + chance() % 20;
    mark_table first{most};
    for (auto const& one : marks) merge(first, one.what, one.version, one.sealed);
    auto again = marks;
    again.insert(again.end(), marks.begin(), marks.end());
    std::ranges::shuffle(again, chance);
    mark_table second{most};
    for (auto const& one : again) merge(second, one.what, one.version, one.sealed);
    ASSERT_EQ(told_by(first), told_by(second)) << "round " << round;
  }
}

// Nothing that was claimed before an erasure is ever believed, whatever the table had to drop since.
TEST(mark_table, an_erasure_is_never_forgotten) {
  std::minstd_rand chance{7};
  mark_table table{3};
  std::uint64_t version = 0;
  std::map<unsigned, std::uint64_t> erased;
  for (int step = 0; step < 500; ++step) {
    auto const call = static_cast<unsigned>(chance() % 20);
    bool const erases = chance() % 2 == 0;
    ++version;
    merge(table, erases ? of_call(call) : fleet_mark::of_change(call_number(call)), version, std::to_string(version));
    if (erases) erased[call] = version;
    for (auto const& [each, at] : erased) ASSERT_GE(newest(table, each, 7), at);
  }
}

}  // namespace
}  // namespace gateway::mark_table_test
