// One thread puts values, and others read without stopping it: each value that they get is whole. TSan finds no race (tests/run, stage
// tsan-unit).
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "core/telemetry/record_ring.hpp"

namespace gateway::test::record_ring_threads_test {
namespace {

struct value {
  std::array<std::uint64_t, 50> same{};  // all of them
};

TEST(record_ring_threads, a_reader_never_gets_half_of_one_and_half_of_another) {
  // Few places, so that writer and readers collide often.
  auto const ring = std::make_unique<record_ring<value, 2>>();
  constexpr std::uint64_t last = 200'000;
  std::atomic<bool> ended{false};
  std::vector<std::thread> readers;
  std::array<std::uint64_t, 2> looks{};
  std::array<std::uint64_t, 2> torn{};
  std::array<std::uint64_t, 2> backwards{};
  for (std::size_t r = 0; r < looks.size(); ++r) {
    readers.emplace_back([&, r] {
      std::uint64_t newest = 0;
      while (!ended.load(std::memory_order_relaxed) || looks[r] == 0) {
        std::uint64_t now = 0;
        ring->read([&](const value& one) {
          ++looks[r];
          if (std::ranges::any_of(one.same, [&](auto word) { return word != one.same[0]; })) ++torn[r];
          now = std::max(now, one.same[0]);
        });
        if (now != 0 && now + 1 < newest) ++backwards[r];  // both places hold values older than one that was seen before
        newest = std::max(newest, now);
      }
    });
  }
  for (std::uint64_t i = 1; i <= last; ++i) {
    value one;
    one.same.fill(i);
    ring->put(one);
  }
  ended = true;
  for (auto& one : readers) one.join();
  for (std::size_t r = 0; r < looks.size(); ++r) {
    EXPECT_GT(looks[r], 0U);
    EXPECT_EQ(torn[r], 0U);
    EXPECT_EQ(backwards[r], 0U);
  }
}

}  // namespace
}  // namespace gateway::test::record_ring_threads_test
