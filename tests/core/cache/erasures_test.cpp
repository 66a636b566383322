#include "core/cache/erasures.hpp"

#include <gtest/gtest.h>

#include "cache/entries.hpp"

namespace gateway {
namespace {

snapshot_marks marks_of(std::initializer_list<cache_key> keys) {
  snapshot_marks made;
  for (auto const& one : keys) made.add(one);
  made.finish();
  return made;
}

erasures with_snapshot_of(std::initializer_list<cache_key> keys) {
  erasures made;
  made.begin_load();
  made.end_load(true, marks_of(keys));
  return made;
}

std::uint64_t of_call(unsigned number) { return mark_of(call_number(number), short_hash_key{}); }

TEST(erasures, what_the_snapshot_holds_takes_it_away_and_nothing_else_does) {
  auto const mine = key_number(1, 7);
  for (auto const mark : {mark_of(mine), mark_of(mine.owner), of_call(1)}) {
    auto known = with_snapshot_of({mine, key_number(2, 7), key_number(3, 8)});
    EXPECT_FALSE(known.note(mark_of(key_number(1, 8)))) << "another's entry";
    EXPECT_FALSE(known.note(mark_of(key_number(9, 9).owner)));
    EXPECT_FALSE(known.note(of_call(9)));
    EXPECT_TRUE(known.has_snapshot());
    EXPECT_TRUE(known.note(mark));
    EXPECT_FALSE(known.has_snapshot());
    EXPECT_FALSE(known.note(mark)) << "it has gone already";
  }
}

TEST(erasures, everything_takes_it_away) {
  auto known = with_snapshot_of({});
  EXPECT_TRUE(known.note_all());
  EXPECT_FALSE(known.has_snapshot());
  EXPECT_FALSE(known.note_all());
}

TEST(erasures, while_it_is_loaded_anything_may_be_in_it) {
  erasures known;
  known.begin_load();
  EXPECT_FALSE(known.covers(key_number(1, 7)));
  EXPECT_TRUE(known.note(of_call(1)));
  EXPECT_TRUE(known.covers(key_number(1, 7)));
  EXPECT_FALSE(known.covers(key_number(2, 7)));
  known.note(mark_of(key_number(5, 8).owner));
  EXPECT_TRUE(known.covers(key_number(2, 8)));
  known.note(mark_of(key_number(3, 9)));
  EXPECT_TRUE(known.covers(key_number(3, 9)));
  EXPECT_FALSE(known.covers(key_number(3, 7)));
  known.note_all();
  EXPECT_TRUE(known.covers(key_number(2, 7)));
  known.end_load(true, marks_of({key_number(2, 7)}));
  EXPECT_FALSE(known.has_snapshot()) << "what has gone while it was loaded is not there again";
}

TEST(erasures, a_snapshot_that_is_not_sound_does_not_stay) {
  erasures known;
  known.begin_load();
  known.end_load(false, {});
  EXPECT_FALSE(known.has_snapshot());
}

TEST(erasures, what_is_erased_while_it_is_written_may_not_take_its_place) {
  auto known = with_snapshot_of({});
  auto const written = marks_of({key_number(1, 7), key_number(2, 8)});
  known.begin_write();
  EXPECT_TRUE(known.allows(written));
  known.note(of_call(9));
  EXPECT_TRUE(known.allows(written)) << "a stranger's";
  known.note(of_call(2));
  EXPECT_FALSE(known.allows(written));
  known.end_write();
  known.begin_write();
  EXPECT_TRUE(known.allows(written)) << "an earlier one is in nothing that is written from now on";
  known.note_all();
  EXPECT_FALSE(known.allows(written));
  known.end_write();
  EXPECT_FALSE(known.has_snapshot());
}

TEST(erasures, what_has_taken_its_place_is_what_is_on_disk) {
  auto known = with_snapshot_of({key_number(1)});
  known.begin_write();
  known.placed(marks_of({key_number(2)}));
  known.end_write();
  EXPECT_FALSE(known.note(of_call(1)));
  EXPECT_TRUE(known.note(of_call(2)));
}

TEST(erasures, a_flood_ends_what_is_under_way_instead_of_taking_memory) {
  auto known = with_snapshot_of({});
  known.begin_write();
  for (std::uint64_t i = 0; i < 70'000; ++i) known.note(i * 0x9e3779b97f4a7c15);
  EXPECT_FALSE(known.allows(marks_of({})));
}

}  // namespace
}  // namespace gateway
