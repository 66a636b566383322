// Readers without a lock beside threads that store, replace, purge and evict: each finds the entry of its own key, whole, and nothing that
// was erased before it looked. Most useful in builds with a sanitizer: they see memory that was freed, or written while it is read.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "app/state/shared_cache.hpp"
#include "cache/entries.hpp"

namespace gateway::free_readers_test {
namespace {

using namespace std::chrono_literals;

constexpr unsigned calls = 24;

// The body says which call and version it is, many times over.
entry_ptr version_of(unsigned call, unsigned version) {
  auto made = made_entry(answer_kind::complete, 0, at(24h));
  auto const word = std::to_string(call) + ":" + std::to_string(version) + ";";
  for (int i = 0; i < 50; ++i) made->plain.wire += word;
  return made;
}

// Returns the version; 0 if the bytes are not those of one version of that call.
unsigned version_in(const entry& found, unsigned call) {
  auto const& wire = found.plain.wire;
  auto const colon = wire.find(':');
  if (colon == std::string::npos || wire.substr(0, colon) != std::to_string(call)) return 0;
  auto const version = static_cast<unsigned>(std::stoul(wire.substr(colon + 1)));
  return wire == version_of(call, version)->plain.wire ? version : 0;
}

TEST(free_readers, see_whole_entries_of_their_keys_and_nothing_that_was_erased_before) {
  // So small that entries are evicted, too.
  shared_cache cache{{calls / 2 * lru_store::cost_of(*version_of(10, 1000)), 1 << 20}, short_hash_key{}};
  std::array<std::atomic<unsigned>, calls> erased{};
  std::atomic<bool> done{false};
  std::atomic<unsigned> hits{0}, wrong{0}, undead{0};
  std::vector<std::thread> readers;
  for (unsigned number = 0; number < 3; ++number) {
    readers.emplace_back([&, number] {
      auto me = cache.join_readers();
      std::mt19937 random{number};
      while (!done) {
        auto const call = static_cast<unsigned>(random() % calls);
        auto const before = erased[call].load();
        auto const found = cache.find(key_number(call), both(1s), &me);
        if (!found.stored) continue;
        auto const version = version_in(*found.stored, call);
        ++hits;
        if (version == 0) ++wrong;
        if (version <= before) ++undead;
      }
    });
  }
  std::vector<std::thread> writers;
  for (unsigned number = 0; number < 2; ++number) {
    writers.emplace_back([&, number] {
      std::mt19937 random{100 + number};
      std::array<unsigned, calls> stored{};
      for (unsigned step = 1; step <= 20'000; ++step) {
        // Each writer has calls of its own, so it knows what it has stored.
        auto const call = static_cast<unsigned>(random() % (calls / 2)) * 2 + number;
        auto const key = key_number(call);
        if (random() % 3 != 0) {
          if (!cache.insert(key, version_of(call, step), cache.generation(key.call), both(1s))) stored[call] = step;
        } else {
          random() % 2 == 0 ? (void)cache.erase(key, eviction::withdrawn) : (void)cache.purge({key.call, {}}, purge_depth::hard);
          erased[call] = stored[call];
        }
      }
    });
  }
  for (auto& one : writers) one.join();
  // Until the readers have had their turn, on a machine of one core, too.
  while (hits < 1000 && cache.counts().entries > 0) std::this_thread::yield();
  done = true;
  for (auto& one : readers) one.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(undead, 0U);
  EXPECT_GE(hits, 1000U);
  cache.purge({}, purge_depth::hard);
  cache.sweep(both(1s));
  EXPECT_EQ(cache.counts().bytes, 0U);
}

// With one lane nobody waits for a line that a use writes to, so the order of use is exact.
TEST(free_readers, note_each_use_if_there_is_one_reader) {
  auto const each = lru_store::cost_of(*version_of(1, 1));
  shared_cache cache{{2 * each, each}, short_hash_key{}};
  auto me = cache.join_readers();
  auto const use = [&](unsigned call, std::chrono::nanoseconds when) {
    return static_cast<bool>(cache.find(key_number(call), both(when), &me).stored);
  };
  auto const keep = [&](unsigned call, std::chrono::nanoseconds when) {
    auto const key = key_number(call);
    EXPECT_FALSE(cache.insert(key, version_of(call, 1), cache.generation(key.call), both(when)));
  };
  keep(1, 0s);
  keep(2, 0s);
  cache.sweep(both(64s));
  for (unsigned step = 1; unsigned const call : {1U, 2U, 1U}) EXPECT_TRUE(use(call, 64s + step++ * 1ms));
  keep(3, 65s);
  EXPECT_TRUE(use(1, 66s));
  EXPECT_FALSE(use(2, 66s));
}

}  // namespace
}  // namespace gateway::free_readers_test
