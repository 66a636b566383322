// The cache shared by lanes: purges concurrent with readers and writers on threads of their own. The assertions hold in any order of
// events; a build with the thread sanitizer finds other errors.
#include "app/state/shared_cache.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "cache/entries.hpp"

namespace gateway::shared_cache_test {
namespace {

using namespace std::chrono_literals;

entry_ptr asked_at(std::chrono::nanoseconds when) {
  auto made = made_entry(answer_kind::complete, 100, at(24h));
  made->account = account_number(1);
  made->asked_at = at(when);
  return made;
}

struct crowd : testing::Test {
  shared_cache cache{{64 << 20, 1 << 20}, short_hash_key{}};
};

TEST_F(crowd, all_entries_of_one_call_are_found_together) {
  for (unsigned call = 1; call <= 200; ++call) {
    for (unsigned owner = 0; owner < 3; ++owner) {
      auto const key = key_number(call, owner);
      ASSERT_FALSE(cache.insert(key, asked_at(0s), cache.generation(key.call), both(0s)));
    }
  }
  for (unsigned call = 1; call <= 200; ++call) EXPECT_EQ(cache.list(call_number(call)).size(), 3u);
  EXPECT_EQ(cache.purge({call_number(7), {}}, purge_depth::hard).taken, 3u);
  EXPECT_TRUE(cache.list(call_number(7)).empty());
  EXPECT_EQ(cache.purge({{}, account_number(2)}, purge_depth::soft).taken, 0u);
  EXPECT_EQ(cache.purge({{}, account_number(1)}, purge_depth::soft).taken, 597u);
  EXPECT_EQ(cache.purge({}, purge_depth::hard).taken, 597u);
  EXPECT_EQ(cache.counts().entries, 0u);
}

// New, smaller limits hold for each shard, although entries are removed in small steps.
TEST_F(crowd, narrower_limits_hold) {
  for (unsigned call = 0; call < 20'000; ++call)
    cache.insert(key_number(call), asked_at(0s), cache.generation(call_number(call)), both(0s));
  auto const before = cache.counts();
  cache.set_limits({1 << 20, 1 << 16});
  EXPECT_LE(cache.counts().bytes, 1u << 20);
  EXPECT_GT(cache.counts().bytes, 0u);
  EXPECT_LT(cache.counts().entries, before.entries);
}

// After a purge or a change, no lookup finds an unmarked entry that was requested before it, even while other threads store and read.
TEST_F(crowd, nothing_from_before_a_purge_is_found_after_it) {
  constexpr unsigned calls = 64;
  std::atomic<bool> done{false};
  std::atomic<std::uint64_t> found{0};
  std::vector<std::thread> lanes;
  for (unsigned lane = 0; lane < 3; ++lane) {
    lanes.emplace_back([&, lane] {
      for (unsigned i = lane; !done; ++i) {
        auto const key = key_number(i % calls, lane);
        auto const generation = cache.generation(key.call);
        if (cache.find(key, both(1s)).stored) ++found;
        cache.insert(key, asked_at(1s), generation, both(1s));
        cache.note_failure(key, processing_state::absent, at(1s));
        cache.note_answer(key, {*asked_at(1s), processing_state::absent}, at(1s));
        if (i % 97 == 0) cache.revoke(key.owner);
        if (i % 89 == 0) cache.invalidate(key, at(0s));
        if (i % 83 == 0) static_cast<void>(cache.list(key.call));
      }
    });
  }
  // On a busy machine, 200 rounds may end before any lane has run: continue until the lanes have found enough, or for one minute.
  auto const deadline = std::chrono::steady_clock::now() + 1min;
  for (unsigned round = 1; round <= 200 || (found <= 100 && std::chrono::steady_clock::now() < deadline); ++round) {
    // An owner that no lane uses: its entry is stored before the purge, and stored again with the generation from before it.
    auto const key = key_number(round % calls, 200);
    auto const generation = cache.generation(key.call);
    EXPECT_FALSE(cache.insert(key, asked_at(1s), generation, both(1s)));
    if (round % 3 == 0) {
      cache.note_change(key.call);
    } else if (round % 3 == 1) {
      EXPECT_GE(cache.purge({{}, account_number(1)}, purge_depth::soft).taken, 1u);
    } else {
      EXPECT_GE(cache.purge({key.call, {}}, purge_depth::hard).taken, 1u);
    }
    auto const left = cache.find(key, both(1s));
    EXPECT_TRUE(!left.stored || left.purged) << round;
    EXPECT_EQ(cache.insert(key, asked_at(1s), generation, both(1s)), not_stored::overtaken) << round;
    cache.erase(key, eviction::withdrawn);
    cache.sweep(both(1s));
    static_cast<void>(cache.counts());
  }
  done = true;
  for (auto& one : lanes) one.join();
  EXPECT_GT(found, 100u) << "or the test shows nothing";
}

}  // namespace
}  // namespace gateway::shared_cache_test
