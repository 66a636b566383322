#include "app/state/snapshot_guard.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "app/state/shared_cache.hpp"
#include "cache/snapshots.hpp"
#include "temporary_directory.hpp"

namespace gateway::snapshot_guard_test {
namespace {

using placing = snapshot_guard::placing;
using attempt = snapshot_lock::attempt;
using load_end = erasures::load_end;

class snapshot_guarding : public testing::Test {
protected:
  // The state after a start that found and loaded a snapshot of these keys.
  void begin(std::initializer_list<cache_key> held) {
    std::ofstream{file} << "old";
    std::string why_not;
    ASSERT_EQ(guard.take_charge(why_not), attempt::taken) << why_not;
    guard.opened();
    snapshot_marks marks;
    for (auto const& one : held) marks.add(one);
    marks.finish();
    guard.end_load(load_end::whole, std::move(marks));
  }
  std::size_t brought_back(std::initializer_list<cache_key> keys) {
    std::vector<snapshot_guard::candidate> some;
    for (auto const& one : keys) some.push_back({one, summary_entry("{}")});
    std::size_t filed = 0;
    guard.bring_back(some, [&](const snapshot_guard::candidate&) { ++filed; });
    return filed;
  }
  placing write(std::initializer_list<cache_key> keys, auto&& meanwhile, bool last = false) {
    std::string why_not;
    guard.begin_write();
    snapshot_output to{file};
    EXPECT_TRUE(to.open(why_not)) << why_not;
    snapshot_marks marks;
    for (auto const& one : keys) marks.add(one);
    marks.finish();
    meanwhile();
    auto const came = guard.place(std::move(marks), to, last, why_not);
    guard.end_write();
    return came;
  }
  [[nodiscard]] bool is_there(const std::string& path) const { return std::filesystem::exists(path); }

  test::temporary_directory folder;
  std::string file = folder.file("cache.snapshot");
  std::string unfinished = file + ".tmp";
  snapshot_guard guard{file, short_hash_key{}};
  shared_cache cache{{1 << 20, 1 << 16}, short_hash_key{}, &guard};
};

// This test calls the work of the keeper's thread directly. The erasing thread itself removes no file.
TEST_F(snapshot_guarding, whatever_erases_what_is_on_disk_has_it_removed_there) {
  auto const key = key_number(1, 7);
  for (auto const& erase :
       std::initializer_list<std::function<void()>>{[&] { cache.erase(key, eviction::withdrawn); }, [&] { cache.revoke(key.owner); },
                                                    [&] {
                                                      cache.purge({key.call, {}}, purge_depth::soft);
                                                    },
                                                    [&] {
                                                      cache.purge({{}, account_number(1)}, purge_depth::hard);
                                                    }}) {
    begin({key, key_number(2, 8)});
    erase();
    EXPECT_TRUE(is_there(file)) << "no thread that serves anybody touches a file";
    EXPECT_FALSE(guard.has_snapshot());
    EXPECT_TRUE(guard.wait_for_removal()) << "and does not wait, either";
    EXPECT_TRUE(guard.remove_erased());
    EXPECT_FALSE(is_there(file));
    EXPECT_EQ(write({key}, [] {}), placing::placed);
    EXPECT_TRUE(is_there(file));
  }
}

TEST_F(snapshot_guarding, what_is_not_on_disk_is_none_of_its_business) {
  begin({key_number(1, 7)});
  cache.erase(key_number(1, 8), eviction::revoked);
  cache.revoke(key_number(1, 9).owner);
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_TRUE(is_there(file));
  cache.purge({call_number(2), {}}, purge_depth::soft);
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_FALSE(is_there(file)) << "what an operator orders is certain";
}

TEST_F(snapshot_guarding, a_purge_is_settled_once_the_disk_is_done) {
  begin({key_number(1, 7)});
  auto const first = cache.purge({call_number(2), {}}, purge_depth::soft).disk_ticket;
  EXPECT_FALSE(guard.is_settled(first));
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_TRUE(guard.is_settled(first));
  // A directory that cannot be removed is in the way: the removal is neither forgotten nor reported as done.
  std::filesystem::create_directories(file + "/full");
  auto const second = cache.purge({}, purge_depth::hard).disk_ticket;
  EXPECT_FALSE(guard.remove_erased());
  EXPECT_FALSE(guard.is_settled(second));
  std::filesystem::remove_all(file);
  EXPECT_TRUE(guard.wait_for_removal());
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_TRUE(guard.is_settled(second));
  auto const third = cache.purge({}, purge_depth::hard).disk_ticket;
  EXPECT_EQ(write({key_number(1, 7)}, [] {}), placing::placed);
  EXPECT_TRUE(guard.is_settled(third)) << "a new one has taken its place";
}

// A change of a call makes its copy on disk old. The snapshot is replaced soon, but no other entry is lost.
TEST_F(snapshot_guarding, a_change_removes_no_file) {
  begin({key_number(1, 7)});
  cache.note_change(call_number(2));
  EXPECT_FALSE(guard.is_outdated());
  cache.note_change(call_number(1));
  ASSERT_TRUE(guard.is_outdated());
  EXPECT_EQ(guard.wait(mono_time::max(), true), snapshot_guard::wake::erased);
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_TRUE(is_there(file));
  EXPECT_EQ(write({key_number(1, 7)}, [] {}), placing::placed);
  EXPECT_FALSE(guard.is_outdated());
  EXPECT_EQ(write({key_number(1, 7)}, [&] { cache.note_change(call_number(1)); }), placing::placed) << "old, but nothing in it is erased";
  EXPECT_TRUE(guard.is_outdated()) << "what was written is written again";
}

TEST_F(snapshot_guarding, what_was_changed_since_the_start_comes_back_as_old) {
  auto const restored = [&](const cache_key& key) {
    cache.restore(key, summary_entry("{}"), both({}));
    return cache.find(key, both({}));
  };
  cache.note_change(call_number(1));
  cache.invalidate(key_number(2, 7), at(std::chrono::seconds{1}));
  EXPECT_TRUE(restored(key_number(1, 7)).purged);
  EXPECT_TRUE(restored(key_number(1, 8)).purged);
  EXPECT_TRUE(restored(key_number(2, 7)).purged);
  EXPECT_FALSE(restored(key_number(2, 8)).purged) << "another credential's copy of the call is valid";
  EXPECT_FALSE(restored(key_number(3, 7)).purged);
}

TEST_F(snapshot_guarding, what_is_erased_while_it_is_loaded_does_not_come_back) {
  std::ofstream{file} << "old";
  std::string why_not;
  ASSERT_EQ(guard.take_charge(why_not), attempt::taken);
  guard.opened();
  EXPECT_EQ(brought_back({key_number(1, 7), key_number(2, 8)}), 2u);
  cache.revoke(key_number(0, 9).owner);
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_TRUE(is_there(file)) << "nobody knows yet whether it is in it";
  EXPECT_EQ(brought_back({key_number(4, 9), key_number(4, 7)}), 1u);
  cache.purge({}, purge_depth::soft);
  EXPECT_EQ(brought_back({key_number(5, 5)}), 0u);
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_FALSE(is_there(file)) << "what an operator orders is certain";
}

// A gateway of a fleet may learn at its start of many purges that others made; only what they erased is missing from its snapshot.
TEST_F(snapshot_guarding, another_gateways_purge_of_a_call_takes_only_that_call_from_what_is_loaded) {
  std::string why_not;
  ASSERT_EQ(guard.take_charge(why_not), attempt::taken);
  cache.follow_purge({call_number(1), {}}, purge_depth::hard);
  EXPECT_EQ(brought_back({key_number(1, 7), key_number(2, 7)}), 1U);
  EXPECT_FALSE(guard.is_clean()) << "the file is being loaded";
  begin({key_number(1, 7), key_number(2, 7)});
  EXPECT_FALSE(guard.is_clean());
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_TRUE(guard.is_clean());
}

TEST_F(snapshot_guarding, another_gateways_purge_of_a_call_leaves_a_snapshot_without_it) {
  begin({key_number(2, 7)});
  cache.follow_purge({call_number(1), {}}, purge_depth::hard);
  EXPECT_TRUE(guard.is_clean());
  cache.follow_purge({}, purge_depth::soft);
  EXPECT_FALSE(guard.is_clean());
}

TEST_F(snapshot_guarding, a_stranger_s_refusal_while_it_is_loaded_removes_nothing) {
  for (unsigned const refused : {9u, 7u}) {
    snapshot_guard fresh{file, short_hash_key{}};
    std::ofstream{file} << "old";
    std::string why_not;
    ASSERT_EQ(fresh.take_charge(why_not), attempt::taken) << why_not;
    fresh.opened();
    fresh.erase(mark_of(key_number(0, refused).owner));
    EXPECT_TRUE(fresh.remove_erased());
    EXPECT_TRUE(is_there(file));
    snapshot_marks held;
    held.add(key_number(1, 7));
    held.finish();
    fresh.end_load(load_end::whole, std::move(held));
    EXPECT_TRUE(fresh.remove_erased());
    EXPECT_EQ(is_there(file), refused == 9) << "only what holds something of its own";
  }
}

TEST_F(snapshot_guarding, what_is_erased_while_it_is_written_is_not_placed) {
  begin({});
  EXPECT_EQ(write({key_number(1, 7)}, [&] { cache.revoke(key_number(1, 7).owner); }), placing::overtaken);
  EXPECT_EQ(write({key_number(1, 7)}, [&] { cache.revoke(key_number(1, 8).owner); }), placing::placed);
  EXPECT_EQ(write({key_number(1, 7)}, [&] { cache.purge({}, purge_depth::hard); }), placing::overtaken);
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_FALSE(is_there(file));
  EXPECT_FALSE(is_there(unfinished));
}

TEST_F(snapshot_guarding, a_purge_takes_what_is_unfinished_too) {
  begin({});
  write({key_number(1)}, [&] {
    EXPECT_TRUE(is_there(unfinished));
    cache.purge({call_number(2), {}}, purge_depth::soft);
    EXPECT_TRUE(guard.remove_erased());
    EXPECT_FALSE(is_there(unfinished));
  });
  EXPECT_FALSE(is_there(file));
}

TEST_F(snapshot_guarding, a_successors_purge_stops_its_predecessors_last_one) {
  begin({});
  snapshot_guard successor{file, short_hash_key{}};
  std::string why_not;
  ASSERT_EQ(successor.take_charge(why_not), attempt::held);
  auto const ticket = successor.purge(call_number(1));
  EXPECT_FALSE(successor.is_settled(ticket));
  EXPECT_TRUE(successor.remove_erased());
  EXPECT_TRUE(successor.is_settled(ticket));
  EXPECT_FALSE(is_there(file));
  EXPECT_EQ(write(
                {key_number(1)}, [] {}, true),
            placing::overtaken);
  EXPECT_FALSE(is_there(file));
  guard.leave();
  ASSERT_EQ(successor.take_charge(why_not), attempt::taken);
  guard.purge({});
  EXPECT_FALSE(is_there(file)) << "who has left touches nothing";
  successor.opened();
  successor.end_load(load_end::unusable, {});
  EXPECT_TRUE(successor.remove_erased());
  std::ofstream{file} << "the successor's";
  EXPECT_TRUE(guard.is_settled(guard.purge({})));
  EXPECT_TRUE(guard.remove_erased());
  EXPECT_TRUE(is_there(file));
}

TEST_F(snapshot_guarding, what_is_refused_in_the_successor_meanwhile_is_not_loaded) {
  begin({});
  snapshot_guard successor{file, short_hash_key{}};
  std::string why_not;
  ASSERT_EQ(successor.take_charge(why_not), attempt::held);
  successor.erase(mark_of(key_number(0, 7).owner));
  EXPECT_EQ(write(
                {key_number(1, 7)}, [] {}, true),
            placing::placed);
  guard.leave();
  ASSERT_EQ(successor.take_charge(why_not), attempt::taken);
  successor.opened();
  std::size_t filed = 0;
  std::array<snapshot_guard::candidate, 1> const one{snapshot_guard::candidate{key_number(1, 7), summary_entry("{}")}};
  successor.bring_back(one, [&](const snapshot_guard::candidate&) { ++filed; });
  EXPECT_EQ(filed, 0u);
  snapshot_marks held;
  held.add(key_number(1, 7));
  held.finish();
  successor.end_load(load_end::whole, std::move(held));
  EXPECT_TRUE(successor.remove_erased());
  EXPECT_FALSE(is_there(file));
}

// In either order: after a purge, no loaded entry is present.
TEST_F(snapshot_guarding, a_purge_beside_a_load_wins) {
  std::string why_not;
  ASSERT_EQ(guard.take_charge(why_not), attempt::taken);
  for (unsigned round = 0; round < 50; ++round) {
    auto const owner = key_number(0, round).owner;
    std::thread loading{[&] {
      for (unsigned i = 0; i < 64; ++i) {
        std::array<snapshot_guard::candidate, 1> const one{
            snapshot_guard::candidate{{owner, call_number(i), short_hash_key{}}, summary_entry("{}")}};
        guard.bring_back(one, [&](const snapshot_guard::candidate& each) { cache.restore(each.key, each.made, both({})); });
      }
    }};
    cache.revoke(owner);
    loading.join();
    for (unsigned i = 0; i < 64; ++i) ASSERT_EQ(cache.peek({owner, call_number(i), short_hash_key{}}), nullptr);
  }
}

TEST(snapshot_guard, without_a_file_it_does_nothing) {
  snapshot_guard guard{"", short_hash_key{}};
  guard.purge({});
  guard.erase(17);
  guard.outdate(17);
  EXPECT_TRUE(guard.is_settled(guard.purge({})));
  EXPECT_FALSE(guard.has_snapshot());
}

}  // namespace
}  // namespace gateway::snapshot_guard_test
