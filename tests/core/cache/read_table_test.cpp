// Readers without a lock, step by step in one thread. What several threads see at once is tested in tests/app/state/free_readers_test.
#include "core/cache/read_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <vector>

#include "cache/entries.hpp"
#include "core/cache/store.hpp"

namespace gateway {

// A reader that can be stopped between its two steps.
struct steps_of_a_reader {
  const read_table& table;
  read_table::reader& by;
  const cache_key key;
  const read_table::place* at = nullptr;
  const store_slot* what = nullptr;

  bool sees() {
    for (auto const& one : table.bucket_of(key).places) {
      if (what != nullptr) continue;
      at = &one;
      what = read_table::seen_at(one, key);
    }
    return what != nullptr;
  }
  [[nodiscard]] bool holds() const { return read_table::holds(*at, what, key, by); }
};

namespace read_table_test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t room = 1 << 20;

struct readers : testing::Test {
  lru_store::found read(unsigned call, read_table::reader& by) { return lru_store::read(table, key_number(call), now, by); }
  entry_ptr keep(unsigned call) {
    auto made = made_entry(answer_kind::complete, 100, at(1h));
    EXPECT_FALSE(store.insert(key_number(call), made, now));
    return made;
  }

  instant now = both(0s);
  read_table table{64 * room};  // so large that all have a place
  lru_store store{{room, room}, &table};
  read_table::reader me = table.join();
};

TEST_F(readers, find_what_is_stored_and_nothing_else) {
  EXPECT_FALSE(read(1, me).stored);
  auto const made = keep(1);
  EXPECT_EQ(read(1, me).stored, made);
  EXPECT_FALSE(lru_store::read(table, key_number(1, 9), now, me).stored) << "another credential's";
  EXPECT_FALSE(read(2, me).stored);
  auto const newer = keep(1);
  EXPECT_EQ(read(1, me).stored, newer);
  now = both(1h);
  EXPECT_FALSE(read(1, me).stored) << "it is gone";
  EXPECT_TRUE(me.is_free());
}

TEST_F(readers, see_what_was_noted) {
  auto const made = keep(1);
  store.note_failure(key_number(1), processing_state::complete, at(1s));
  EXPECT_EQ(read(1, me).failed_at, at(1s));
  store.note_answer(key_number(1), {*made, processing_state::complete, true}, at(2s));
  EXPECT_EQ(read(1, me).failed_at, std::nullopt);
  EXPECT_EQ(read(1, me).checked_at, at(2s));
  EXPECT_FALSE(read(1, me).purged);
  store.make_old(key_number(1));
  EXPECT_TRUE(read(1, me).purged);
  store.restore(key_number(2), made, now, 17, true);
  EXPECT_EQ(read(2, me).changes, 17U);
  EXPECT_TRUE(read(2, me).purged);
}

// Each way to remove an entry: at once out of reach for new reads, alive for the reader that has it, and counted until then.
TEST_F(readers, keep_what_is_removed_until_they_give_it_back) {
  auto const key = key_number(1);
  lru_store::place from;
  const std::vector<std::function<void()>> ways{
      [&] { store.erase(key, eviction::withdrawn); },
      [&] { store.revoke(key.owner, 10); },
      [&] { store.purge({}, purge_depth::hard, from, 10); },
      [&] { store.purge(key.call, key.call_bits(), purge_depth::hard); },
      [&] {
        store.set_limits({0, 0});
      },
      [&] { store.sweep(both(1h), 10); },
      [&] { (void)store.find(key, both(1h)); },
  };
  auto other = table.join();
  for (std::size_t i = 0; i < ways.size(); ++i) {
    store.set_limits({room, room});
    from = {};
    std::weak_ptr<const entry> const watched = keep(1);
    {
      auto const lent = read(1, me).stored;
      ASSERT_TRUE(lent) << i;
      ways[i]();
      EXPECT_FALSE(read(1, other).stored) << i;
      EXPECT_FALSE(store.find(key, now).stored) << i;
      EXPECT_EQ(store.counts().entries, 0U) << i;
      EXPECT_EQ(store.counts().bytes, lru_store::cost_of(*lent)) << i;
      EXPECT_TRUE(store.sweep(now, 1));
      EXPECT_EQ(lent->plain.wire, std::string(100, 'x')) << i;
    }
    EXPECT_TRUE(store.sweep(now, 1));
    EXPECT_EQ(store.counts().bytes, 0U) << i;
    EXPECT_TRUE(watched.expired()) << i << ": nothing holds its bytes any more";
  }
}

TEST_F(readers, count_against_the_bound_with_what_they_still_have) {
  auto const each = lru_store::cost_of(*keep(1));
  store.set_limits({2 * each, each});
  keep(2);
  auto const lent = read(1, me).stored;
  store.erase(key_number(1), eviction::withdrawn);
  keep(3);
  EXPECT_EQ(store.counts().bytes, 2 * each);
  EXPECT_EQ(store.peek(key_number(2)), nullptr) << "there was room for one beside the lent one";
  EXPECT_NE(store.peek(key_number(3)), nullptr);
  auto other = table.join();
  auto const lent_too = read(3, other).stored;
  store.erase(key_number(3), eviction::withdrawn);
  EXPECT_EQ(store.insert(key_number(4), made_entry(answer_kind::complete, 100, at(1h)), now), not_stored::too_large);
  EXPECT_EQ(store.counts().bytes, 2 * each);
}

// A slot that was seen may be freed before the reader has said so, and its place given to another entry.
TEST_F(readers, do_not_read_what_was_removed_before_they_said_so) {
  keep(1);
  steps_of_a_reader one{table, me, key_number(1)};
  ASSERT_TRUE(one.sees());
  EXPECT_TRUE(one.holds());
  me.end();
  store.erase(key_number(1), eviction::withdrawn);
  EXPECT_EQ(store.counts().bytes, 0U) << "nobody has it";
  EXPECT_FALSE(one.holds());
  EXPECT_TRUE(me.is_free());
  keep(1);
  EXPECT_TRUE(read(1, me).stored);
}

TEST_F(readers, copies_are_owned_and_moves_are_not) {
  keep(1);
  entry_ref moved;
  {
    auto lent = read(1, me).stored;
    auto const copy = lent;
    moved = std::move(lent);
    EXPECT_FALSE(me.is_free());
    EXPECT_EQ(copy.get(), moved.get());
    EXPECT_EQ(copy.share().use_count(), 3) << "the store's, the copy's, and this one";
  }
  EXPECT_FALSE(me.is_free());
  auto const owned = moved.share();
  moved = nullptr;
  EXPECT_TRUE(me.is_free());
  store.erase(key_number(1), eviction::withdrawn);
  EXPECT_EQ(owned->plain.wire.size(), 100U);
  EXPECT_EQ(store.counts().bytes, 0U);
}

TEST_F(readers, uses_without_a_lock_count_as_uses) {
  auto const each = lru_store::cost_of(*keep(1));
  store.set_limits({3 * each, each});
  for (unsigned i = 2; i <= 3; ++i) {
    now = both(i * 1s);
    keep(i);
  }
  for (unsigned i : {3U, 1U, 2U}) {
    now = both(10s - i * 1ms);
    EXPECT_TRUE(read(i, me).stored);
  }
  now = both(20s);
  keep(4);
  EXPECT_EQ(store.peek(key_number(3)), nullptr) << "used first of the three";
  keep(5);
  EXPECT_EQ(store.peek(key_number(2)), nullptr);
  EXPECT_NE(store.peek(key_number(1)), nullptr);
}

// A bound on the time under the lock: not all uses of a large store are looked at by one eviction.
TEST_F(readers, an_eviction_takes_the_least_recently_used_of_a_thousand) {
  constexpr unsigned all = 1100;
  for (unsigned i = 0; i < all; ++i) keep(i);
  for (unsigned i = 0; i < all; ++i) {
    now = both(1min - i * 1ms);
    EXPECT_TRUE(read(i, me).stored) << i;
  }
  now = both(2min);
  auto const one_less = store.counts().bytes - 1;
  store.set_limits({one_less, room});
  EXPECT_EQ(store.counts().entries, all - 1);
  EXPECT_EQ(store.peek(key_number(999)), nullptr);
  EXPECT_NE(store.peek(key_number(0)), nullptr);
}

// The order of use must be exact for what comes and goes quickly. In a store with room, busy slots are not written to all the time.
TEST_F(readers, note_uses_as_exactly_as_the_order_needs) {
  EXPECT_EQ(store.use_step(at(0s)), 1s) << "nothing is stored";
  auto const each = lru_store::cost_of(*keep(1));
  EXPECT_EQ(store.use_step(at(5s)), 1s) << "it is not half full";
  store.set_limits({2 * each, each});
  EXPECT_EQ(store.use_step(at(0s)), 100us);
  EXPECT_EQ(store.use_step(at(6400ms)), 100ms);
  EXPECT_EQ(store.use_step(at(1h)), 1s);

  table.set_use_step(100ms);
  keep(2);
  now = both(50ms);
  EXPECT_TRUE(read(1, me).stored) << "a use that is not noted";
  now = both(200ms);
  keep(3);
  EXPECT_EQ(store.peek(key_number(1)), nullptr);
  now = both(300ms);
  EXPECT_TRUE(read(2, me).stored) << "a use that is noted";
  keep(4);
  EXPECT_EQ(store.peek(key_number(3)), nullptr);
  EXPECT_NE(store.peek(key_number(2)), nullptr);
}

TEST_F(readers, have_places_which_are_free_again_when_they_end) {
  std::vector<read_table::reader> many;
  for (int i = 0; i < 255; ++i) {
    many.push_back(table.join());
    ASSERT_TRUE(many.back().is_free()) << i;
  }
  EXPECT_FALSE(table.join().is_free()) << "there are 256";
  many.pop_back();
  auto again = table.join();
  keep(1);
  EXPECT_TRUE(read(1, again).stored);
}

// In a table with too few places, some entries are found only under the lock. What is removed makes room for others.
TEST(read_table, says_less_than_the_store_and_nothing_wrong) {
  read_table table{16 * 1024};
  lru_store store{{room, room}, &table};
  std::vector<read_table::reader> by;
  for (int i = 0; i < 3; ++i) by.push_back(table.join());
  std::mt19937_64 random{7};
  std::map<unsigned, entry_ptr> model;
  std::vector<std::pair<entry_ref, std::string>> held;
  std::size_t found = 0, missed = 0;
  for (int step = 0; step < 20'000; ++step) {
    auto const call = static_cast<unsigned>(random() % 40);
    auto const now = both(step * 1ms);
    switch (random() % 5) {
      case 0:
        store.erase(key_number(call), eviction::withdrawn);
        model.erase(call);
        break;
      case 1: {
        auto made = made_entry(answer_kind::complete, 100, at(1h));
        made->plain.wire = std::to_string(call) + "/" + std::to_string(step);
        model[call] = made;
        ASSERT_FALSE(store.insert(key_number(call), made, now));
        break;
      }
      case 2:
        if (!held.empty()) held.erase(held.begin() + static_cast<std::ptrdiff_t>(random() % held.size()));
        break;
      default: {
        auto const free = std::ranges::find_if(by, &read_table::reader::is_free);
        if (free == by.end()) break;
        auto one = lru_store::read(table, key_number(call), now, *free);
        if (one.stored) {
          ++found;
          ASSERT_EQ(one.stored, model.at(call)) << step;
          if (random() % 2 == 0) held.emplace_back(std::move(one.stored), model.at(call)->plain.wire);
        } else if (model.contains(call)) {
          ++missed;
          ASSERT_EQ(store.find(key_number(call), now).stored, model.at(call)) << step;
        }
      }
    }
    for (auto const& [what, wire] : held) ASSERT_EQ(what->plain.wire, wire) << step;
  }
  EXPECT_GT(found, 1000U);
  EXPECT_GT(missed, 100U);
  held.clear();
  std::size_t bytes = 0;
  for (auto const& [call, made] : model) bytes += lru_store::cost_of(*made);
  EXPECT_TRUE(store.sweep(both(1min), 1));
  EXPECT_EQ(store.counts().bytes, bytes);
}

}  // namespace
}  // namespace read_table_test
}  // namespace gateway
