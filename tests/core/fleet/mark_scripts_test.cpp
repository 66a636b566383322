// What the scripts are given, and which replies are believed. What they do in an engine is seen in the scenarios.
#include "core/fleet/mark_scripts.hpp"

#include <gtest/gtest.h>

namespace gateway::mark_scripts_test {
namespace {

engine_reply text(std::string_view value) {
  engine_reply made;
  made.is = engine_reply::kind::text;
  made.text = value;
  return made;
}

engine_reply list(std::vector<engine_reply> items) {
  engine_reply made;
  made.is = engine_reply::kind::array;
  made.items = std::move(items);
  return made;
}

TEST(mark_scripts, all_keys_have_the_hash_tag_of_the_namespace) {
  engine_keys const keys{"sg"};
  told_mark about_call;
  about_call.call = keys.call("abc");
  std::vector<told_mark> const marks{told_mark{}, about_call};
  for (auto const& call : {beat_call(keys, "r", std::chrono::milliseconds{5}), tell_call(keys, "i", 0, marks), read_call(keys, 0),
                           sweep_call(keys, "0"), publish_call(keys, std::vector<std::string>{"message"})}) {
    ASSERT_FALSE(call.keys.empty());
    for (auto const& one : call.keys) EXPECT_TRUE(one.starts_with("{sg}:")) << one;
  }
}

TEST(mark_scripts, a_mark_about_a_call_names_the_place_of_its_key) {
  engine_keys const keys{"sg"};
  told_mark wide;
  wide.name = "wide";
  told_mark about_call;
  about_call.name = "narrow";
  about_call.call = keys.call("abc");
  std::vector<told_mark> const marks{wide, about_call};
  auto const made = tell_call(keys, "i", 7, marks);
  EXPECT_EQ(made.keys.at(5), "{sg}:c:abc");
  EXPECT_EQ(made.values.at(1), "7");
  EXPECT_EQ(made.values.at(4), "wide");
  EXPECT_EQ(made.values.at(7), "0");
  EXPECT_EQ(made.values.at(12), "6");
}

TEST(mark_scripts, a_mark_says_what_follows_from_it) {
  engine_keys const keys{"sg"};
  told_mark plain, lifting, ending;
  lifting.lifts_floor = true;
  ending.lifts_floor = ending.ends_leases = true;
  auto const made = tell_call(keys, "i", 7, std::vector<told_mark>{plain, lifting, ending});
  EXPECT_EQ(made.values.at(5), "-");
  EXPECT_EQ(made.values.at(10), "f");
  EXPECT_EQ(made.values.at(15), "p");
}

TEST(mark_scripts, replies_are_read) {
  auto const beat = read_beat(list({text("inc"), text("9"), list({text("a"), text("b")})}));
  ASSERT_TRUE(beat);
  EXPECT_EQ(beat->incarnation, "inc");
  EXPECT_EQ(beat->version, 9U);
  EXPECT_EQ(beat->members, (std::vector<std::string>{"a", "b"}));
  auto const told = read_told(list({text("inc"), text("9"), text("3"), text("2"), list({text("8"), text("9")})}));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->versions, (std::vector<std::uint64_t>{8, 9}));
  EXPECT_EQ(told->now.floors, (mark_floors{3, 2}));
  auto const page = read_marks(list({text("inc"), text("9"), text("3"), text("2"), list({text("n"), text("9"), text("sealed")})}));
  ASSERT_TRUE(page);
  ASSERT_EQ(page->marks.size(), 1U);
  EXPECT_EQ(page->marks.front().sealed, "sealed");
}

TEST(mark_scripts, what_is_malformed_is_not_believed) {
  auto const none = list({});
  for (auto const& version : {"", "-1", "1e9", "9x", "4503599627370497", "99999999999999999999"}) {
    EXPECT_FALSE(read_beat(list({text("inc"), text(version), none}))) << version;
    EXPECT_FALSE(read_marks(list({text("inc"), text(version), text("0"), text("0"), none}))) << version;
  }
  EXPECT_FALSE(read_beat(text("inc")));
  EXPECT_FALSE(read_beat(list({text("inc"), text("1")})));
  EXPECT_FALSE(read_beat(list({text(std::string(65, 'i')), text("1"), none})));
  EXPECT_FALSE(read_beat(list({text("inc"), text("1"), list(std::vector<engine_reply>(most_members + 1, text("m")))})));
  EXPECT_FALSE(read_marks(list({text("inc"), text("1"), text("0"), text("0"), list({text("n"), text("9")})})));
  EXPECT_FALSE(read_marks(list({text("inc"), text("1"), text("0"), text("0"), list({text("n"), text("9"), text(std::string(513, 's'))})})));
  EXPECT_FALSE(read_sweep(text("")));
  EXPECT_FALSE(read_sweep(none));
}

}  // namespace
}  // namespace gateway::mark_scripts_test
