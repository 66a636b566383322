#include "core/cache/erasures.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "cache/entries.hpp"

namespace gateway::erasures_test {
namespace {

using load_end = erasures::load_end;

snapshot_marks marks_of(std::initializer_list<cache_key> keys) {
  snapshot_marks made;
  for (auto const& one : keys) made.add(one);
  made.finish();
  return made;
}

erasures with_snapshot_of(std::initializer_list<cache_key> keys) {
  erasures made;
  made.begin_load();
  made.end_load(load_end::whole, marks_of(keys));
  return made;
}

std::uint64_t of_call(unsigned number) { return mark_of(call_number(number), short_hash_key{}); }

TEST(erasures, what_the_snapshot_holds_takes_it_away_and_nothing_else_does) {
  auto const mine = key_number(1, 7);
  for (auto const mark : {mark_of(mine), mark_of(mine.owner), of_call(1)}) {
    auto known = with_snapshot_of({mine, key_number(2, 7), key_number(3, 8)});
    known.note(mark_of(key_number(1, 8)));  // another call's entry
    known.note(mark_of(key_number(9, 9).owner));
    known.note(of_call(9));
    EXPECT_TRUE(known.has_snapshot());
    EXPECT_FALSE(known.must_go());
    known.note(mark);
    EXPECT_FALSE(known.has_snapshot());
    EXPECT_TRUE(known.must_go());
    known.removed();
    known.note(mark);
    EXPECT_FALSE(known.must_go()) << "it has gone already";
  }
}

TEST(erasures, everything_takes_it_away) {
  auto known = with_snapshot_of({});
  known.note_all();
  EXPECT_FALSE(known.has_snapshot());
  EXPECT_TRUE(known.must_go());
}

TEST(erasures, while_it_is_loaded_what_was_erased_does_not_come_back) {
  erasures known;
  known.begin_load();
  EXPECT_FALSE(known.covers(key_number(1, 7)));
  known.note(of_call(1));
  EXPECT_TRUE(known.covers(key_number(1, 7)));
  EXPECT_FALSE(known.covers(key_number(2, 7)));
  known.note(mark_of(key_number(5, 8).owner));
  EXPECT_TRUE(known.covers(key_number(2, 8)));
  known.note(mark_of(key_number(3, 9)));
  EXPECT_TRUE(known.covers(key_number(3, 9)));
  EXPECT_FALSE(known.covers(key_number(3, 7)));
  known.note_all();
  EXPECT_TRUE(known.covers(key_number(2, 7)));
  known.end_load(load_end::whole, marks_of({key_number(2, 7)}));
  EXPECT_FALSE(known.has_snapshot()) << "what has gone while it was loaded is not there again";
}

// The refusal of one client's credential during the load must not remove the entries of all other clients.
TEST(erasures, what_holds_it_is_decided_when_it_is_known) {
  struct row {
    std::string_view name;
    std::uint64_t erased;
    load_end how;
    bool stays;
  };
  auto const held = key_number(1, 7);
  const row rows[] = {
      {"a stranger", mark_of(key_number(9, 9).owner), load_end::whole, true},
      {"its owner", mark_of(held.owner), load_end::whole, false},
      {"its call", of_call(1), load_end::whole, false},
      {"itself", mark_of(held), load_end::whole, false},
      {"a stranger, but there is more that nobody has seen", mark_of(key_number(9, 9).owner), load_end::partial, false},
  };
  for (auto const& r : rows) {
    erasures known;
    known.begin_load();
    known.note(r.erased);
    EXPECT_TRUE(known.has_snapshot()) << r.name;
    EXPECT_FALSE(known.must_go()) << r.name;
    known.end_load(r.how, marks_of({held}));
    EXPECT_EQ(known.has_snapshot(), r.stays) << r.name;
    EXPECT_EQ(known.must_go(), !r.stays) << r.name;
  }
  erasures undisturbed;
  undisturbed.begin_load();
  undisturbed.end_load(load_end::partial, marks_of({held}));
  EXPECT_TRUE(undisturbed.has_snapshot());
}

TEST(erasures, a_snapshot_that_is_not_sound_does_not_stay) {
  erasures known;
  known.begin_load();
  known.end_load(load_end::unusable, {});
  EXPECT_FALSE(known.has_snapshot());
  EXPECT_TRUE(known.must_go());
}

// A change makes the copy on disk old, but removes nothing.
TEST(erasures, what_is_old_on_disk_is_written_anew) {
  auto known = with_snapshot_of({key_number(1, 7)});
  EXPECT_FALSE(known.outdate(of_call(2)));
  EXPECT_FALSE(known.is_outdated());
  EXPECT_TRUE(known.outdate(of_call(1)));
  EXPECT_FALSE(known.outdate(of_call(1))) << "it is known";
  EXPECT_TRUE(known.is_outdated());
  EXPECT_TRUE(known.has_snapshot());
  EXPECT_FALSE(known.must_go());
  auto const written = marks_of({key_number(1, 7)});
  known.begin_write();
  EXPECT_TRUE(known.placed(written));
  known.end_write();
  EXPECT_FALSE(known.is_outdated());
  known.begin_write();
  EXPECT_TRUE(known.outdate(of_call(3))) << "it may be in the one that is being written";
  EXPECT_TRUE(known.allows(written));
  EXPECT_TRUE(known.placed(written));
  known.end_write();
  EXPECT_TRUE(known.is_outdated());
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
  EXPECT_TRUE(known.placed(marks_of({key_number(2)})));
  known.end_write();
  known.note(of_call(1));
  EXPECT_TRUE(known.has_snapshot());
  known.note(of_call(2));
  EXPECT_FALSE(known.has_snapshot());
}

TEST(erasures, what_is_erased_while_it_takes_its_place_has_it_removed) {
  auto known = with_snapshot_of({});
  known.begin_write();
  known.note(of_call(2));
  EXPECT_FALSE(known.placed(marks_of({key_number(2)})));
  EXPECT_FALSE(known.has_snapshot());
  EXPECT_TRUE(known.must_go());
}

// What a search by content will find is not known, so nothing is on disk until it has ended.
TEST(erasures, while_a_search_runs_no_snapshot_stays_or_takes_its_place) {
  auto known = with_snapshot_of({key_number(1)});
  known.begin_search();
  EXPECT_TRUE(known.must_go());
  EXPECT_FALSE(known.has_snapshot());
  known.removed();
  known.begin_write();
  EXPECT_FALSE(known.allows(marks_of({})));
  EXPECT_FALSE(known.placed(marks_of({})));
  known.removed();
  known.end_write();
  known.begin_search();
  known.end_search();
  known.begin_write();
  EXPECT_FALSE(known.allows(marks_of({}))) << "another one runs";
  known.end_search();
  EXPECT_FALSE(known.allows(marks_of({}))) << "what was written during a search may hold what was evicted before it was found";
  known.end_write();
  known.begin_write();
  EXPECT_TRUE(known.placed(marks_of({})));
  known.end_write();
  EXPECT_TRUE(known.has_snapshot());
}

TEST(erasures, a_search_during_a_load_takes_the_file_but_not_what_is_loaded) {
  erasures known;
  known.begin_load();
  known.begin_search();
  EXPECT_TRUE(known.must_go());
  EXPECT_TRUE(known.is_loading());
  EXPECT_FALSE(known.covers(key_number(1, 7))) << "each entry is judged by its content";
  known.end_search();
  known.end_load(load_end::whole, marks_of({key_number(1, 7)}));
  EXPECT_FALSE(known.has_snapshot());
  EXPECT_FALSE(known.is_loading());
}

TEST(erasures, a_flood_ends_what_is_under_way_instead_of_taking_memory) {
  auto known = with_snapshot_of({});
  known.begin_write();
  for (std::uint64_t i = 0; i < 70'000; ++i) known.note(i * 0x9e3779b97f4a7c15);
  EXPECT_FALSE(known.allows(marks_of({})));
}

}  // namespace
}  // namespace gateway::erasures_test
