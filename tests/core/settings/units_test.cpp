#include "core/settings/units.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string_view>

namespace gateway::units_test {
namespace {

using namespace std::chrono_literals;

TEST(units, durations) {
  struct row {
    std::string_view text;
    std::optional<std::chrono::nanoseconds> expected;
  };
  static constexpr row rows[] = {
      {"250ms", 250ms},
      {"8s", 8s},
      {"5m", 5min},
      {"1h", 1h},
      {"30d", 720h},
      {"10us", 10us},
      {"1h30m", 90min},
      {"1m1s1ms", 61'001ms},
      {"0s", 0s},
      {"007s", 7s},
      {"106751d", 24h * 106'751},
      {"106752d", std::nullopt},  // beyond 63 bits of nanoseconds
      {"106751d106751d", std::nullopt},
      {"99999999999999999999s", std::nullopt},
      {"9223372036854775807d", std::nullopt},
      {"", std::nullopt},
      {"8", std::nullopt},  // eight what?
      {"0", std::nullopt},
      {"s", std::nullopt},
      {"8 s", std::nullopt},
      {" 8s", std::nullopt},
      {"8s ", std::nullopt},
      {"8S", std::nullopt},
      {"8sec", std::nullopt},
      {"8ns", std::nullopt},
      {"8w", std::nullopt},
      {"-8s", std::nullopt},
      {"+8s", std::nullopt},
      {"1.5s", std::nullopt},
      {"1e3s", std::nullopt},
      {"1h30", std::nullopt},
      {"1hm", std::nullopt},
      {"\xc2\xb5s", std::nullopt},
  };
  for (auto const& r : rows) EXPECT_EQ(parse_duration(r.text), r.expected) << r.text;
}

TEST(units, sizes) {
  struct row {
    std::string_view text;
    std::optional<std::uint64_t> expected;
  };
  static constexpr row rows[] = {
      {"512B", 512},
      {"16KiB", 16'384},
      {"256MiB", 268'435'456},
      {"1GiB", 1'073'741'824},
      {"1kB", 1'000},
      {"1KB", 1'000},
      {"1MB", 1'000'000},
      {"1GB", 1'000'000'000},
      {"0B", 0},
      {"8589934591GiB", 8'589'934'591ULL << 30},
      {"8589934592GiB", std::nullopt},
      {"99999999999999999999B", std::nullopt},
      {"", std::nullopt},
      {"512", std::nullopt},
      {"B", std::nullopt},
      {"16K", std::nullopt},
      {"16k", std::nullopt},
      {"16kib", std::nullopt},
      {"16 KiB", std::nullopt},
      {"1MiB512KiB", std::nullopt},
      {"1.5MiB", std::nullopt},
      {"-1B", std::nullopt},
  };
  for (auto const& r : rows) EXPECT_EQ(parse_size(r.text), r.expected) << r.text;
}

TEST(units, texts_are_short_and_exact) {
  EXPECT_EQ(duration_text(0s), "0s");
  EXPECT_EQ(duration_text(8s), "8s");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(120s), "2m");
  EXPECT_EQ(duration_text(24h), "1d");
  EXPECT_EQ(duration_text(1500ms), "1500ms");
  EXPECT_EQ(size_text(256 << 20), "256MiB");
  EXPECT_EQ(size_text(1'000'000), "1MB");
  EXPECT_EQ(size_text(1'001), "1001B");
  EXPECT_EQ(size_text(0), "0B");
}

TEST(units, what_is_printed_reads_back_the_same) {
  std::mt19937_64 random{5};
  for (int i = 0; i < 5'000; ++i) {
    std::chrono::nanoseconds const span = std::chrono::microseconds{random() >> (12 + random() % 50)};
    ASSERT_EQ(parse_duration(duration_text(span)), span) << duration_text(span);
    std::uint64_t const bytes = random() >> (1 + random() % 60);
    ASSERT_EQ(parse_size(size_text(bytes)), bytes) << size_text(bytes);
  }
}

}  // namespace
}  // namespace gateway::units_test
