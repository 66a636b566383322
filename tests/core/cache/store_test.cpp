#include "core/cache/store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <random>
#include <vector>

#include "cache/entries.hpp"
#include "core/cache/freshness.hpp"

namespace gateway::store_test {
namespace {

using namespace std::chrono_literals;

lru_store store_of(std::size_t max_bytes, std::size_t max_entry_bytes = 1 << 20) { return lru_store{{max_bytes, max_entry_bytes}}; }

// Whether the store accepts the entry.
bool keeps(lru_store& store, const cache_key& key, entry_ptr made, const instant& now) { return !store.insert(key, std::move(made), now); }

std::uint64_t evicted(const lru_store& store, eviction reason) { return store.counts().evictions[static_cast<std::size_t>(reason)]; }

std::size_t cost(std::size_t wire_size) { return lru_store::cost_of(*made_entry(answer_kind::complete, wire_size, at(1h))); }

std::shared_ptr<entry> complete(std::size_t wire_size = 100) { return made_entry(answer_kind::complete, wire_size, at(1h)); }

std::uint64_t bits_of(const call_sid& call) { return cache_key::call_bits(call, short_hash_key{}); }

// Purges like app/shared_cache: one call at once, all others a few entries at a time.
std::size_t purge(lru_store& store, const purge_scope& what, purge_depth how, std::size_t most = 2) {
  if (what.call) return store.purge(*what.call, bits_of(*what.call), how);
  lru_store::place from;
  std::size_t taken = 0;
  for (bool done = false; !done;) {
    auto const some = store.purge(what, how, from, most);
    EXPECT_LE(some.taken, most);
    taken += some.taken;
    done = some.done;
  }
  return taken;
}

TEST(store, gives_back_the_very_entry_until_it_is_gone) {
  auto store = store_of(1 << 20);
  auto const stored = complete();
  EXPECT_EQ(store.find(key_number(1), both(0s)).stored, nullptr);
  EXPECT_TRUE(keeps(store, key_number(1), stored, both(0s)));
  EXPECT_EQ(store.find(key_number(1), both(0s)).stored, stored);
  EXPECT_EQ(store.find(key_number(1), both(1h - 1ns)).stored, stored);
  EXPECT_EQ(store.find(key_number(1, 9), both(0s)).stored, nullptr) << "another credential's";
  EXPECT_EQ(store.find(key_number(1), both(1h)).stored, nullptr);
  EXPECT_EQ(store.counts().entries, 0u) << "what is gone is not held any longer";
  EXPECT_EQ(store.counts().bytes, 0u);
  EXPECT_EQ(evicted(store, eviction::expired), 1u);
}

TEST(store, counts_more_than_the_wire_bytes) {
  EXPECT_GT(cost(1000), 1000 + sizeof(entry) + sizeof(cache_key));
  EXPECT_LT(cost(1000), 1000 + sizeof(entry) + sizeof(cache_key) + 300);
}

TEST(store, the_least_recently_used_goes_first) {
  auto store = store_of(3 * cost(100));
  for (unsigned i = 1; i <= 3; ++i) ASSERT_TRUE(keeps(store, key_number(i), complete(), both(0s)));
  EXPECT_NE(store.find(key_number(1), both(1s)).stored, nullptr);
  ASSERT_TRUE(keeps(store, key_number(4), complete(), both(2s)));
  EXPECT_EQ(store.find(key_number(2), both(0s)).stored, nullptr);
  EXPECT_NE(store.find(key_number(1), both(0s)).stored, nullptr);
  EXPECT_NE(store.find(key_number(3), both(0s)).stored, nullptr);
  EXPECT_NE(store.find(key_number(4), both(0s)).stored, nullptr);
  EXPECT_EQ(evicted(store, eviction::capacity), 1u);
}

TEST(store, narrower_limits_hold_at_once_and_wider_ones_let_more_in) {
  auto store = store_of(3 * cost(100));
  for (unsigned i = 1; i <= 3; ++i) ASSERT_TRUE(keeps(store, key_number(i), complete(), both(0s)));
  store.set_limits({2 * cost(100), cost(100)});
  EXPECT_EQ(store.peek(key_number(1)), nullptr) << "the least recently used";
  EXPECT_EQ(store.counts().entries, 2U);
  EXPECT_EQ(evicted(store, eviction::capacity), 1U);
  EXPECT_EQ(store.insert(key_number(4), complete(1000), both(0s)), not_stored::too_large);
  store.set_limits({1 << 20, 1 << 20});
  EXPECT_TRUE(keeps(store, key_number(4), complete(1000), both(0s)));
  EXPECT_EQ(store.counts().entries, 3U);
}

TEST(store, one_big_entry_pushes_out_as_many_as_it_needs) {
  auto store = store_of(10 * cost(100));
  for (unsigned i = 0; i < 10; ++i) ASSERT_TRUE(keeps(store, key_number(i), complete(), both(0s)));
  ASSERT_TRUE(keeps(store, key_number(99), complete(100 + 4 * cost(100)), both(0s)));
  EXPECT_EQ(evicted(store, eviction::capacity), 5u);
  EXPECT_EQ(store.find(key_number(4), both(0s)).stored, nullptr);
  EXPECT_NE(store.find(key_number(5), both(0s)).stored, nullptr);
}

TEST(store, what_can_never_fit_evicts_nobody) {
  auto store = store_of(2 * cost(100));
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
  EXPECT_FALSE(keeps(store, key_number(2), complete(10'000), both(0s)));
  EXPECT_NE(store.find(key_number(1), both(0s)).stored, nullptr);
  auto nothing = store_of(0);
  EXPECT_FALSE(keeps(nothing, key_number(1), complete(0), both(0s)));
}

TEST(store, which_answer_may_be_served_for_which) {
  using enum answer_kind;
  struct row {
    answer_kind stored, arriving;
    bool replaced;
  };
  static constexpr row rows[] = {
      {complete, complete, true},  {complete, not_ready, false}, {complete, absent, false}, {complete, permanent, true},
      {not_ready, complete, true}, {not_ready, not_ready, true}, {not_ready, absent, true}, {not_ready, permanent, true},
      {absent, complete, true},    {absent, not_ready, true},    {absent, absent, true},    {absent, permanent, true},
      {permanent, complete, true}, {permanent, not_ready, true}, {permanent, absent, true}, {permanent, permanent, true},
  };
  for (auto const& r : rows) {
    auto store = store_of(1 << 20);
    auto const first = made_entry(r.stored, 10, at(1h));
    auto const second = made_entry(r.arriving, 2000, at(1h));
    ASSERT_TRUE(keeps(store, key_number(1), first, both(0s)));
    EXPECT_EQ(keeps(store, key_number(1), second, both(0s)), r.replaced);
    auto const expected = r.replaced ? second : first;
    EXPECT_EQ(store.find(key_number(1), both(0s)).stored, expected) << static_cast<int>(r.stored) << " " << static_cast<int>(r.arriving);
    EXPECT_EQ(store.counts().bytes, lru_store::cost_of(*expected));
    EXPECT_EQ(store.counts().entries, 1u);
  }
}

TEST(store, a_complete_summary_that_is_gone_protects_nothing) {
  auto store = store_of(1 << 20);
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
  auto const later = made_entry(answer_kind::not_ready, 10, at(3h));
  EXPECT_TRUE(keeps(store, key_number(1), later, both(2h)));
  EXPECT_EQ(store.find(key_number(1), both(2h)).stored, later);
}

// Three calls, each stored by four credentials; the summaries of call 3 belong to another account.
lru_store filled_store() {
  auto store = store_of(1 << 20);
  for (unsigned call = 1; call <= 3; ++call) {
    for (unsigned owner = 0; owner < 4; ++owner) {
      auto made = made_entry(answer_kind::complete, 100, at(1h));
      made->account = account_number(call == 3 ? 2 : 1);
      EXPECT_TRUE(keeps(store, key_number(call, owner), made, both(0s)));
    }
  }
  return store;
}

TEST(store, erases_by_key) {
  auto store = filled_store();
  EXPECT_TRUE(store.erase(key_number(1, 0), eviction::withdrawn));
  EXPECT_FALSE(store.erase(key_number(1, 0), eviction::withdrawn));
  EXPECT_EQ(store.counts().entries, 11u);
  EXPECT_EQ(evicted(store, eviction::withdrawn), 1u);
}

TEST(store, a_refused_credential_loses_all_it_has_and_nobody_else_does) {
  auto store = filled_store();
  EXPECT_EQ(store.revoke(key_number(1, 2).owner, 2), 2u) << "a few at a time";
  EXPECT_EQ(store.revoke(key_number(1, 2).owner, 2), 1u);
  EXPECT_EQ(store.revoke(key_number(1, 2).owner, 2), 0u);
  for (unsigned call = 1; call <= 3; ++call) {
    for (unsigned owner = 0; owner < 4; ++owner)
      EXPECT_EQ(store.find(key_number(call, owner), both(0s)).stored == nullptr, owner == 2) << call << " " << owner;
  }
  EXPECT_EQ(evicted(store, eviction::revoked), 3u);
}

TEST(store, what_a_purge_covers) {
  struct row {
    std::string_view name;
    purge_scope what;
    std::size_t covered;
  };
  const row rows[] = {
      {"a call", {call_number(2), {}}, 4},
      {"an unknown call", {call_number(9), {}}, 0},
      {"an account", {{}, account_number(1)}, 8},
      {"the other account", {{}, account_number(2)}, 4},
      {"an unknown one", {{}, account_number(9)}, 0},
      {"everything", {}, 12},
  };
  for (auto const& r : rows) {
    auto erased = filled_store();
    EXPECT_EQ(purge(erased, r.what, purge_depth::hard), r.covered) << r.name;
    EXPECT_EQ(purge(erased, r.what, purge_depth::hard), 0u) << r.name;
    EXPECT_EQ(erased.counts().entries, 12 - r.covered) << r.name;
    EXPECT_EQ(evicted(erased, eviction::purged), r.covered) << r.name;
    auto marked = filled_store();
    EXPECT_EQ(purge(marked, r.what, purge_depth::soft), r.covered) << r.name;
    EXPECT_EQ(purge(marked, r.what, purge_depth::soft), 0u) << r.name << ": they are marked already";
    EXPECT_EQ(purge(marked, r.what, purge_depth::hard), r.covered) << r.name << ": but still there";
  }
}

TEST(store, an_emptied_store_goes_on) {
  auto store = filled_store();
  purge(store, {}, purge_depth::hard);
  EXPECT_EQ(store.counts().bytes, 0u);
  EXPECT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
}

TEST(store, a_softly_purged_entry_is_found_marked_until_a_new_one_comes_whatever_that_says) {
  for (auto const kind : {answer_kind::complete, answer_kind::not_ready, answer_kind::absent, answer_kind::permanent}) {
    auto store = store_of(1 << 20);
    ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
    purge(store, {}, purge_depth::soft);
    EXPECT_TRUE(store.find(key_number(1), both(0s)).purged);
    EXPECT_TRUE(keeps(store, key_number(1), made_entry(kind, 10, at(1h)), both(0s)));
    EXPECT_FALSE(store.find(key_number(1), both(0s)).purged);
  }
}

TEST(store, the_dead_leave_oldest_first_without_being_touched) {
  auto store = store_of(1 << 20);
  for (unsigned i = 0; i < 10; ++i)
    ASSERT_TRUE(keeps(store, key_number(i), made_entry(answer_kind::complete, 100, at(1min * (10 - i))), both(0s)));
  EXPECT_TRUE(store.sweep(both(1min - 1ns), 100));
  EXPECT_EQ(store.counts().entries, 10u);
  EXPECT_FALSE(store.sweep(both(5min), 3)) << "more are due";
  EXPECT_EQ(store.counts().entries, 7u);
  EXPECT_EQ(store.peek(key_number(9)), nullptr) << "due first, used last";
  EXPECT_NE(store.peek(key_number(6)), nullptr);
  EXPECT_TRUE(store.sweep(both(5min), 100));
  EXPECT_EQ(store.counts().entries, 5u);
  EXPECT_EQ(evicted(store, eviction::expired), 5u);
}

TEST(store, nobody_living_is_put_out_while_the_dead_take_room) {
  auto store = store_of(3 * cost(100));
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
  ASSERT_TRUE(keeps(store, key_number(2), made_entry(answer_kind::not_ready, 100, at(5s)), both(0s)));
  ASSERT_TRUE(keeps(store, key_number(3), complete(), both(0s)));
  ASSERT_TRUE(keeps(store, key_number(4), complete(), both(6s)));
  EXPECT_NE(store.peek(key_number(1)), nullptr) << "though it is the least recently used";
  EXPECT_EQ(evicted(store, eviction::expired), 1u);
  EXPECT_EQ(evicted(store, eviction::capacity), 0u);
}

// When a suspended machine wakes up, its monotonic clock is unchanged and the wall clock is far ahead.
TEST(store, what_died_during_a_suspension_is_dead) {
  auto store = store_of(1 << 20);
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
  ASSERT_TRUE(keeps(store, key_number(2), complete(), both(0s)));
  instant const woken{at(1s), wall_epoch + 1h};
  EXPECT_EQ(store.find(key_number(1), woken).stored, nullptr);
  EXPECT_TRUE(store.sweep(woken, 100));
  EXPECT_EQ(store.counts().entries, 0u);
}

TEST(store, an_entry_larger_than_allowed_is_refused_by_name) {
  auto store = store_of(1 << 20, cost(1000));
  EXPECT_EQ(store.insert(key_number(1), complete(1000), both(0s)), std::nullopt);
  EXPECT_EQ(store.insert(key_number(2), complete(1017), both(0s)), not_stored::too_large);
  EXPECT_EQ(store.insert(key_number(1), made_entry(answer_kind::absent, 10, at(1h)), both(0s)), not_stored::lesser);
}

TEST(store, both_forms_of_an_answer_are_counted) {
  auto made = made_entry(answer_kind::complete, 4000, at(1h));
  auto const plain_only = lru_store::cost_of(*made);
  representation packed;
  packed.wire = std::string(1500, 'z');
  made->gzip = std::make_unique<const representation>(std::move(packed));
  EXPECT_GE(lru_store::cost_of(*made), plain_only + 1500);
}

TEST(store, lists_what_is_stored_of_one_call) {
  auto store = filled_store();
  store.note_failure(key_number(2, 1), processing_state::absent, at(3s));
  EXPECT_TRUE(store.claim_refresh(key_number(2, 1), at(3s), at(8s)));
  auto const listed = store.list(call_number(2), bits_of(call_number(2)));
  ASSERT_EQ(listed.size(), 4u);
  auto const failed = std::ranges::find(listed, key_number(2, 1).owner, &lru_store::listed::owner);
  ASSERT_NE(failed, listed.end());
  EXPECT_EQ(failed->state.failed_at, at(3s));
  EXPECT_EQ(failed->refresh_again_at, at(8s));
  EXPECT_EQ(failed->cost, cost(100));
  EXPECT_EQ(std::ranges::count_if(listed, [](auto const& one) { return one.state.failed_at.has_value(); }), 1);
  EXPECT_TRUE(store.list(call_number(9), bits_of(call_number(9))).empty());
}

TEST(store, one_caller_may_refresh_until_the_claim_ends) {
  auto store = store_of(1 << 20);
  EXPECT_FALSE(store.claim_refresh(key_number(1), at(0s), at(5s))) << "nothing to refresh";
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
  ASSERT_TRUE(keeps(store, key_number(1, 9), complete(), both(0s)));
  EXPECT_TRUE(store.claim_refresh(key_number(1), at(0s), at(5s)));
  EXPECT_FALSE(store.claim_refresh(key_number(1), at(0s), at(5s)));
  EXPECT_FALSE(store.claim_refresh(key_number(1), at(5s - 1ns), at(9s)));
  EXPECT_TRUE(store.claim_refresh(key_number(1, 9), at(1s), at(6s))) << "another credential's claim is its own";
  EXPECT_TRUE(store.claim_refresh(key_number(1), at(5s), at(10s)));
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(6s)));
  EXPECT_TRUE(store.claim_refresh(key_number(1), at(6s), at(11s))) << "a new entry, a new claim";
}

TEST(store, a_claim_that_is_given_up_is_free_and_no_other_one_is) {
  auto store = store_of(1 << 20);
  store.give_up_refresh(key_number(1), at(5s));
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
  EXPECT_TRUE(store.claim_refresh(key_number(1), at(0s), at(5s)));
  store.give_up_refresh(key_number(1), at(4s));
  EXPECT_FALSE(store.claim_refresh(key_number(1), at(1s), at(6s))) << "that of another one";
  store.give_up_refresh(key_number(1), at(5s));
  EXPECT_TRUE(store.claim_refresh(key_number(1), at(1s), at(6s)));
}

TEST(store, moves_as_a_whole) {
  auto store = store_of(1 << 20);
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
  lru_store const moved{std::move(store)};
  EXPECT_EQ(moved.counts().entries, 1u);
}

TEST(store, a_reader_keeps_its_entry_when_the_store_drops_it) {
  auto store = store_of(1 << 20);
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
  auto const held = store.find(key_number(1), both(0s)).stored;
  purge(store, {}, purge_depth::hard);
  EXPECT_EQ(held->plain.wire.size(), 100u);
}

// A full purge while other entries are stored: it meets each entry from before exactly once.
TEST(store, a_purge_in_steps_misses_nothing_that_was_there_before) {
  for (auto const how : {purge_depth::soft, purge_depth::hard}) {
    auto store = store_of(1 << 20);
    for (unsigned i = 0; i < 100; ++i)
      ASSERT_TRUE(keeps(store, key_number(i), made_entry(answer_kind::complete, 100, at(1h + (i / 10) * 1s)), both(0s)));
    lru_store::place from;
    std::size_t taken = 0;
    unsigned next = 1000;
    for (bool done = false; !done;) {
      auto const some = store.purge({}, how, from, 7);
      taken += some.taken;
      done = some.done;
      // Stored meanwhile, before and after the position of the walk.
      ASSERT_TRUE(keeps(store, key_number(next++), made_entry(answer_kind::complete, 100, at(2h)), both(0s)));
      if (next < 1010) {
        ASSERT_TRUE(keeps(store, key_number(next++), made_entry(answer_kind::complete, 100, at(1min)), both(0s)));
      }
    }
    EXPECT_GE(taken, 100u);
    EXPECT_LE(taken, 105u);
    for (unsigned i = 0; i < 100; ++i) {
      auto const found = store.find(key_number(i), both(0s));
      EXPECT_TRUE(!found.stored || found.purged) << i;
    }
  }
}

// The specification of the store in its plainest form: a list in order of use.
class naive_store {
public:
  explicit naive_store(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  entry_ptr find(const cache_key& key, const instant& now) {
    auto const found = std::ranges::find(all_, key, &one::key);
    if (found == all_.end()) return nullptr;
    if (found->stored->is_gone(now)) {
      all_.erase(found);
      return nullptr;
    }
    all_.splice(all_.end(), all_, found);
    return found->stored;
  }

  bool insert(const cache_key& key, const entry_ptr& made, const instant& now) {
    if (lru_store::cost_of(*made) > max_bytes_) return false;
    if (auto const existing = find(key, now)) {
      if (!may_replace(existing->kind, made->kind)) return false;
      all_.pop_back();
    }
    auto const is_full = [&] { return bytes() + lru_store::cost_of(*made) > max_bytes_; };
    while (is_full() && drop_one_dead(now)) continue;
    while (is_full()) all_.pop_front();
    all_.push_back({key, made});
    return true;
  }

  bool erase(const cache_key& key) {
    return std::erase_if(all_, [&](const one& o) { return o.key == key; }) > 0;
  }
  std::size_t purge(const purge_scope& what) {
    return std::erase_if(all_, [&](const one& o) { return what.covers(o.key, *o.stored); });
  }
  std::size_t revoke(const partition& owner) {
    return std::erase_if(all_, [&](const one& o) { return o.key.owner == owner; });
  }
  void sweep(const instant& now) {
    while (drop_one_dead(now)) continue;
  }

  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = 0;
    for (auto const& o : all_) sum += lru_store::cost_of(*o.stored);
    return sum;
  }

private:
  struct one {
    cache_key key;
    entry_ptr stored;
  };
  bool drop_one_dead(const instant& now) {
    auto const oldest = std::ranges::min_element(all_, {}, [](const one& o) { return o.stored->gone_by; });
    if (oldest == all_.end() || oldest->stored->gone_by > now.wall) return false;
    all_.erase(oldest);
    return true;
  }
  std::size_t max_bytes_;
  std::list<one> all_;
};

TEST(store, does_exactly_what_the_naive_store_does) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    std::mt19937_64 random{seed};
    std::size_t const max_bytes = 4'000 + random() % 12'000;
    auto store = store_of(max_bytes);
    naive_store model{max_bytes};
    auto passed = std::chrono::nanoseconds{0};
    for (int step = 0; step < 2'000; ++step) {
      passed += std::chrono::milliseconds{1 + random() % 200};  // no two uses at once: their order would be unspecified
      auto const now = both(passed);
      auto const key = key_number(static_cast<unsigned>(random() % 24), static_cast<unsigned>(random() % 2));
      switch (random() % 12) {
        case 0:
          ASSERT_EQ(store.erase(key, eviction::withdrawn), model.erase(key)) << seed << " " << step;
          break;
        case 1:
          if (random() % 20 != 0) break;
          ASSERT_EQ(purge(store, {key.call, {}}, purge_depth::hard), model.purge({key.call, {}}));
          break;
        case 2:
          if (random() % 20 != 0) break;
          ASSERT_EQ(store.revoke(key.owner, 1000), model.revoke(key.owner));
          break;
        case 3:
          if (random() % 4 != 0) break;
          ASSERT_TRUE(store.sweep(now, 1000));
          model.sweep(now);
          break;
        case 4:
        case 5:
        case 6:
        case 7: {
          auto const kind = static_cast<answer_kind>(random() % 4);
          auto const size = random() % 50 == 0 ? random() % 20'000 : random() % 900;
          // Distinct to the nanosecond, so that no two entries expire together: their order would be unspecified.
          auto const made = made_entry(kind, size, now.mono + std::chrono::nanoseconds{random() % 20'000'000'000});
          ASSERT_EQ(keeps(store, key, made, now), model.insert(key, made, now)) << seed << " " << step;
          break;
        }
        default:
          ASSERT_EQ(store.find(key, now).stored, model.find(key, now)) << seed << " " << step;
      }
      ASSERT_EQ(store.counts().entries, model.size()) << seed << " " << step;
      ASSERT_EQ(store.counts().bytes, model.bytes()) << seed << " " << step;
      ASSERT_LE(store.counts().bytes, max_bytes);
    }
  }
}

// Answers of racing fetches arrive in any order. Once a complete summary is stored, no lesser answer replaces it.
TEST(store, no_order_of_arrivals_loses_a_complete_summary) {
  std::vector<answer_kind> arrivals{answer_kind::not_ready, answer_kind::absent, answer_kind::complete, answer_kind::not_ready,
                                    answer_kind::absent};
  std::mt19937_64 random{3};
  for (int round = 0; round < 200; ++round) {
    std::ranges::shuffle(arrivals, random);
    auto store = store_of(1 << 20);
    for (auto const kind : arrivals) store.insert(key_number(1), made_entry(kind, random() % 500, at(1h)), both(0s));
    auto const stored = store.find(key_number(1), both(0s)).stored;
    ASSERT_NE(stored, nullptr);
    EXPECT_EQ(stored->kind, answer_kind::complete);
  }
}

TEST(store, what_is_restored_takes_nobodys_place) {
  using restored = lru_store::restored;
  auto store = store_of(3 * cost(100));
  auto const newer = complete(), older = complete();
  ASSERT_TRUE(keeps(store, key_number(1), newer, both(0s)));
  EXPECT_EQ(store.restore(key_number(1), older, both(0s)), restored::present);
  EXPECT_EQ(store.find(key_number(1), both(0s)).stored, newer);
  EXPECT_EQ(store.restore(key_number(2), older, both(0s)), restored::stored);
  EXPECT_EQ(store.restore(key_number(3), complete(), both(0s)), restored::stored);
  EXPECT_EQ(store.restore(key_number(4), complete(), both(0s)), restored::no_room);
  EXPECT_EQ(store.counts().bytes, 3 * cost(100));
  ASSERT_TRUE(keeps(store, key_number(5), complete(), both(0s)));
  EXPECT_EQ(store.peek(key_number(3)), nullptr) << "what was restored last is the least recently used";
  EXPECT_NE(store.peek(key_number(1)), nullptr);
  EXPECT_EQ(store_of(1 << 20, cost(100)).restore(key_number(1), complete(200), both(0s)), restored::no_room);
}

TEST(store, what_is_gone_is_in_no_restored_ones_way) {
  auto store = store_of(1 << 20);
  ASSERT_TRUE(keeps(store, key_number(1), complete(), both(0s)));
  auto const later = made_entry(answer_kind::complete, 100, at(2h));
  EXPECT_EQ(store.restore(key_number(1), later, both(1h)), lru_store::restored::stored);
  EXPECT_EQ(store.find(key_number(1), both(1h)).stored, later);
  EXPECT_EQ(evicted(store, eviction::expired), 1u);
}

TEST(store, what_is_restored_may_be_old) {
  auto store = store_of(1 << 20);
  store.restore(key_number(1), complete(), both(0s), 0, true);
  EXPECT_TRUE(store.find(key_number(1), both(0s)).purged);
  store.restore(key_number(2), complete(), both(0s));
  EXPECT_FALSE(store.find(key_number(2), both(0s)).purged);
}

// Of two concurrent fetches, the answer to the later request stays in the store, in either order of arrival.
TEST(store, an_older_answer_does_not_replace_a_newer_one) {
  auto store = store_of(1 << 20);
  auto const older = complete(), newer = complete();
  newer->asked_at = at(1s);
  ASSERT_TRUE(keeps(store, key_number(1), newer, both(2s)));
  EXPECT_EQ(store.insert(key_number(1), older, both(3s)), not_stored::overtaken);
  EXPECT_EQ(store.find(key_number(1), both(3s)).stored, newer);
  EXPECT_EQ(store.find(key_number(1), both(3s)).checked_at, std::nullopt) << "and is no look";
}

TEST(store, what_is_restored_knows_the_changes_of_its_call) {
  auto store = store_of(1 << 20);
  store.restore(key_number(1), complete(), both(0s), 17);
  EXPECT_EQ(store.find(key_number(1), both(0s)).changes, 17u);
}

TEST(store, a_walk_meets_everything_once_those_that_live_longest_first) {
  auto store = store_of(1 << 20);
  for (unsigned i = 0; i < 100; ++i)
    ASSERT_TRUE(keeps(store, key_number(i, i % 3), made_entry(answer_kind::complete, 100, at(1h + (i / 10) * 1s)), both(0s)));
  lru_store::place from;
  std::vector<cache_key> met;
  wall_time last = wall_time::max();
  for (auto some = store.walk(from, 7); !some.empty(); some = store.walk(from, 7)) {
    EXPECT_LE(some.size(), 7u);
    for (auto const& one : some) {
      EXPECT_LE(one.state.stored->gone_by, last);
      last = one.state.stored->gone_by;
      EXPECT_EQ(std::ranges::find(met, one.key), met.end());
      met.push_back(one.key);
    }
    // Changes during the walk do not affect it.
    store.erase(met.back(), eviction::withdrawn);
    ASSERT_TRUE(
        keeps(store, key_number(1'000 + static_cast<unsigned>(met.size())), made_entry(answer_kind::complete, 100, at(9h)), both(0s)));
  }
  EXPECT_EQ(met.size(), 100u);
}

}  // namespace
}  // namespace gateway::store_test
