#include "core/cache/store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <random>
#include <vector>

#include "cache/entries.hpp"

namespace gateway {
namespace {

using namespace std::chrono_literals;

std::uint64_t evicted(const lru_store& store, eviction reason) { return store.counts().evictions[static_cast<std::size_t>(reason)]; }

std::size_t cost(std::size_t wire_size) { return lru_store::cost_of(*made_entry(answer_kind::complete, wire_size, at(1h))); }

entry_ptr complete(std::size_t wire_size = 100) { return made_entry(answer_kind::complete, wire_size, at(1h)); }

TEST(store, gives_back_the_very_entry_until_it_is_gone) {
  lru_store store{1 << 20};
  auto const kept = complete();
  EXPECT_EQ(store.find(key_number(1), at(0s)).kept, nullptr);
  EXPECT_TRUE(store.insert(key_number(1), kept, at(0s)));
  EXPECT_EQ(store.find(key_number(1), at(0s)).kept, kept);
  EXPECT_EQ(store.find(key_number(1), at(1h - 1ns)).kept, kept);
  EXPECT_EQ(store.find(key_number(1, 9), at(0s)).kept, nullptr) << "another credential's";
  EXPECT_EQ(store.find(key_number(1), at(1h)).kept, nullptr);
  EXPECT_EQ(store.counts().entries, 0u) << "what is gone is not held any longer";
  EXPECT_EQ(store.counts().bytes, 0u);
  EXPECT_EQ(evicted(store, eviction::expired), 1u);
}

TEST(store, counts_more_than_the_wire_bytes) {
  EXPECT_GT(cost(1000), 1000 + sizeof(entry) + sizeof(cache_key));
  EXPECT_LT(cost(1000), 1000 + sizeof(entry) + sizeof(cache_key) + 300);
}

TEST(store, the_least_recently_used_goes_first) {
  lru_store store{3 * cost(100)};
  for (unsigned i = 1; i <= 3; ++i) ASSERT_TRUE(store.insert(key_number(i), complete(), at(0s)));
  EXPECT_NE(store.find(key_number(1), at(0s)).kept, nullptr);
  ASSERT_TRUE(store.insert(key_number(4), complete(), at(0s)));
  EXPECT_EQ(store.find(key_number(2), at(0s)).kept, nullptr);
  EXPECT_NE(store.find(key_number(1), at(0s)).kept, nullptr);
  EXPECT_NE(store.find(key_number(3), at(0s)).kept, nullptr);
  EXPECT_NE(store.find(key_number(4), at(0s)).kept, nullptr);
  EXPECT_EQ(evicted(store, eviction::capacity), 1u);
}

TEST(store, one_big_entry_pushes_out_as_many_as_it_needs) {
  lru_store store{10 * cost(100)};
  for (unsigned i = 0; i < 10; ++i) ASSERT_TRUE(store.insert(key_number(i), complete(), at(0s)));
  ASSERT_TRUE(store.insert(key_number(99), complete(100 + 4 * cost(100)), at(0s)));
  EXPECT_EQ(evicted(store, eviction::capacity), 5u);
  EXPECT_EQ(store.find(key_number(4), at(0s)).kept, nullptr);
  EXPECT_NE(store.find(key_number(5), at(0s)).kept, nullptr);
}

TEST(store, what_can_never_fit_evicts_nobody) {
  lru_store store{2 * cost(100)};
  ASSERT_TRUE(store.insert(key_number(1), complete(), at(0s)));
  EXPECT_FALSE(store.insert(key_number(2), complete(10'000), at(0s)));
  EXPECT_NE(store.find(key_number(1), at(0s)).kept, nullptr);
  lru_store nothing{0};
  EXPECT_FALSE(nothing.insert(key_number(1), complete(0), at(0s)));
}

TEST(store, which_answer_may_stand_in_for_which) {
  using enum answer_kind;
  struct row {
    answer_kind kept, arriving;
    bool replaced;
  };
  static constexpr row rows[] = {
      {complete, complete, true},  {complete, not_ready, false}, {complete, absent, false}, {complete, permanent, true},
      {not_ready, complete, true}, {not_ready, not_ready, true}, {not_ready, absent, true}, {not_ready, permanent, true},
      {absent, complete, true},    {absent, not_ready, true},    {absent, absent, true},    {absent, permanent, true},
      {permanent, complete, true}, {permanent, not_ready, true}, {permanent, absent, true}, {permanent, permanent, true},
  };
  for (auto const& r : rows) {
    lru_store store{1 << 20};
    auto const first = made_entry(r.kept, 10, at(1h));
    auto const second = made_entry(r.arriving, 2000, at(1h));
    ASSERT_TRUE(store.insert(key_number(1), first, at(0s)));
    EXPECT_EQ(store.insert(key_number(1), second, at(0s)), r.replaced);
    auto const expected = r.replaced ? second : first;
    EXPECT_EQ(store.find(key_number(1), at(0s)).kept, expected) << static_cast<int>(r.kept) << " " << static_cast<int>(r.arriving);
    EXPECT_EQ(store.counts().bytes, lru_store::cost_of(*expected));
    EXPECT_EQ(store.counts().entries, 1u);
  }
}

TEST(store, a_complete_summary_that_is_gone_protects_nothing) {
  lru_store store{1 << 20};
  ASSERT_TRUE(store.insert(key_number(1), complete(), at(0s)));
  auto const later = made_entry(answer_kind::not_ready, 10, at(3h));
  EXPECT_TRUE(store.insert(key_number(1), later, at(2h)));
  EXPECT_EQ(store.find(key_number(1), at(2h)).kept, later);
}

TEST(store, erases_by_key_by_call_and_altogether) {
  lru_store store{1 << 20};
  for (unsigned call = 1; call <= 3; ++call) {
    for (unsigned owner = 0; owner < 4; ++owner) ASSERT_TRUE(store.insert(key_number(call, owner), complete(), at(0s)));
  }
  EXPECT_TRUE(store.erase(key_number(1, 0)));
  EXPECT_FALSE(store.erase(key_number(1, 0)));
  EXPECT_EQ(store.erase_call(call_number(2)), 4u);
  EXPECT_EQ(store.erase_call(call_number(2)), 0u);
  EXPECT_EQ(store.counts().entries, 7u);
  EXPECT_NE(store.find(key_number(1, 3), at(0s)).kept, nullptr);
  EXPECT_EQ(store.clear(), 7u);
  EXPECT_EQ(store.counts().bytes, 0u);
  EXPECT_EQ(evicted(store, eviction::purged), 12u);
  EXPECT_TRUE(store.insert(key_number(1), complete(), at(0s))) << "an emptied store goes on";
}

TEST(store, one_caller_may_refresh_until_the_claim_ends) {
  lru_store store{1 << 20};
  EXPECT_FALSE(store.claim_refresh(key_number(1), at(0s), at(5s))) << "nothing to refresh";
  ASSERT_TRUE(store.insert(key_number(1), complete(), at(0s)));
  ASSERT_TRUE(store.insert(key_number(1, 9), complete(), at(0s)));
  EXPECT_TRUE(store.claim_refresh(key_number(1), at(0s), at(5s)));
  EXPECT_FALSE(store.claim_refresh(key_number(1), at(0s), at(5s)));
  EXPECT_FALSE(store.claim_refresh(key_number(1), at(5s - 1ns), at(9s)));
  EXPECT_TRUE(store.claim_refresh(key_number(1, 9), at(1s), at(6s))) << "another credential's claim is its own";
  EXPECT_TRUE(store.claim_refresh(key_number(1), at(5s), at(10s)));
  ASSERT_TRUE(store.insert(key_number(1), complete(), at(6s)));
  EXPECT_TRUE(store.claim_refresh(key_number(1), at(6s), at(11s))) << "a new entry, a new claim";
}

TEST(store, a_failed_refresh_is_remembered_until_a_new_entry_comes) {
  lru_store store{1 << 20};
  store.note_refresh_failed(key_number(1));  // nothing there: nothing happens
  ASSERT_TRUE(store.insert(key_number(1), complete(), at(0s)));
  ASSERT_TRUE(store.insert(key_number(2), complete(), at(0s)));
  EXPECT_FALSE(store.find(key_number(1), at(0s)).refresh_failed);
  store.note_refresh_failed(key_number(1));
  EXPECT_TRUE(store.find(key_number(1), at(0s)).refresh_failed);
  EXPECT_FALSE(store.find(key_number(2), at(0s)).refresh_failed);
  EXPECT_FALSE(store.insert(key_number(1), made_entry(answer_kind::not_ready, 10, at(1h)), at(0s)));
  EXPECT_TRUE(store.find(key_number(1), at(0s)).refresh_failed) << "a refused answer repairs nothing";
  ASSERT_TRUE(store.insert(key_number(1), complete(), at(1s)));
  EXPECT_FALSE(store.find(key_number(1), at(1s)).refresh_failed);
}

TEST(store, moves_as_a_whole) {
  lru_store store{1 << 20};
  ASSERT_TRUE(store.insert(key_number(1), complete(), at(0s)));
  lru_store const moved{std::move(store)};
  EXPECT_EQ(moved.counts().entries, 1u);
}

TEST(store, a_reader_keeps_its_entry_when_the_store_drops_it) {
  lru_store store{1 << 20};
  ASSERT_TRUE(store.insert(key_number(1), complete(), at(0s)));
  auto const held = store.find(key_number(1), at(0s)).kept;
  store.clear();
  EXPECT_EQ(held->wire.size(), 100u);
}

// What the store promises, written as plainly as possible: a list in order of use.
class naive_store {
public:
  explicit naive_store(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  entry_ptr find(const cache_key& key, mono_time now) {
    auto const found = std::ranges::find(all_, key, &one::key);
    if (found == all_.end()) return nullptr;
    if (now >= found->kept->gone_at) {
      all_.erase(found);
      return nullptr;
    }
    all_.splice(all_.end(), all_, found);
    return found->kept;
  }

  bool insert(const cache_key& key, const entry_ptr& made, mono_time now) {
    if (lru_store::cost_of(*made) > max_bytes_) return false;
    if (auto const existing = find(key, now)) {
      bool const lesser = made->kind == answer_kind::not_ready || made->kind == answer_kind::absent;
      if (existing->kind == answer_kind::complete && lesser) return false;
      all_.pop_back();
    }
    while (bytes() + lru_store::cost_of(*made) > max_bytes_) all_.pop_front();
    all_.push_back({key, made});
    return true;
  }

  bool erase(const cache_key& key) {
    return std::erase_if(all_, [&](const one& o) { return o.key == key; }) > 0;
  }
  std::size_t erase_call(const call_sid& call) {
    return std::erase_if(all_, [&](const one& o) { return o.key.call == call; });
  }

  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] std::size_t bytes() const {
    std::size_t sum = 0;
    for (auto const& o : all_) sum += lru_store::cost_of(*o.kept);
    return sum;
  }

private:
  struct one {
    cache_key key;
    entry_ptr kept;
  };
  std::size_t max_bytes_;
  std::list<one> all_;
};

TEST(store, does_exactly_what_the_naive_store_does) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    std::mt19937_64 random{seed};
    std::size_t const max_bytes = 4'000 + random() % 12'000;
    lru_store store{max_bytes};
    naive_store model{max_bytes};
    auto now = at(0s);
    for (int step = 0; step < 2'000; ++step) {
      now += std::chrono::milliseconds{random() % 200};
      auto const key = key_number(static_cast<unsigned>(random() % 24), static_cast<unsigned>(random() % 2));
      switch (random() % 10) {
        case 0:
          ASSERT_EQ(store.erase(key), model.erase(key)) << seed << " " << step;
          break;
        case 1:
          if (random() % 20 != 0) break;
          ASSERT_EQ(store.erase_call(key.call), model.erase_call(key.call));
          break;
        case 2:
        case 3:
        case 4:
        case 5: {
          auto const kind = static_cast<answer_kind>(random() % 4);
          auto const size = random() % 50 == 0 ? random() % 20'000 : random() % 900;
          auto const made = made_entry(kind, size, now + std::chrono::milliseconds{random() % 20'000});
          ASSERT_EQ(store.insert(key, made, now), model.insert(key, made, now)) << seed << " " << step;
          break;
        }
        default:
          ASSERT_EQ(store.find(key, now).kept, model.find(key, now)) << seed << " " << step;
      }
      ASSERT_EQ(store.counts().entries, model.size()) << seed << " " << step;
      ASSERT_EQ(store.counts().bytes, model.bytes()) << seed << " " << step;
      ASSERT_LE(store.counts().bytes, max_bytes);
    }
  }
}

// Answers of racing fetches arrive in any order: once a complete summary is there, no lesser answer takes its place.
TEST(store, no_order_of_arrivals_loses_a_complete_summary) {
  std::vector<answer_kind> arrivals{answer_kind::not_ready, answer_kind::absent, answer_kind::complete, answer_kind::not_ready,
                                    answer_kind::absent};
  std::mt19937_64 random{3};
  for (int round = 0; round < 200; ++round) {
    std::ranges::shuffle(arrivals, random);
    lru_store store{1 << 20};
    for (auto const kind : arrivals) store.insert(key_number(1), made_entry(kind, random() % 500, at(1h)), at(0s));
    auto const kept = store.find(key_number(1), at(0s)).kept;
    ASSERT_NE(kept, nullptr);
    EXPECT_EQ(kept->kind, answer_kind::complete);
  }
}

}  // namespace
}  // namespace gateway
