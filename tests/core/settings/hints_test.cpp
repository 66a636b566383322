#include "core/settings/hints.hpp"

#include <gtest/gtest.h>

namespace gateway::hints_test {
namespace {

TEST(hints, other_spellings_are_guessed) {
  struct row {
    std::string_view text, duration, size;
  };
  static constexpr row rows[] = {
      {"1w", "7d", ""},     {"2 weeks", "14d", ""},  {"5min", "5m", ""},         {"30 sec", "30s", ""},   {"8 s", "8s", ""},
      {"1H", "1h", ""},     {"3days", "3d", ""},     {"512m", "512m", "512MiB"}, {"512Mi", "", "512MiB"}, {"512 mb", "", "512MiB"},
      {"2g", "", "2GiB"},   {"64 KiB", "", "64KiB"}, {"10 bytes", "", "10B"},    {"8", "", ""},           {"", "", ""},
      {"w", "", ""},        {"1y", "", ""},          {"1.5h", "", ""},           {"-1w", "", ""},         {"99999999999999999999w", "", ""},
      {"1000001w", "", ""},
  };
  for (auto const& r : rows) {
    EXPECT_EQ(probable_duration(r.text), r.duration) << r.text;
    EXPECT_EQ(probable_size(r.text), r.size) << r.text;
  }
}

TEST(hints, nearest_guesses_abbreviations_and_other_cases) {
  std::vector<std::string_view> const words{"debug", "info", "warning", "error"};
  EXPECT_EQ(nearest("warn", words), "warning");
  EXPECT_EQ(nearest("WARN", words), "warning");
  EXPECT_EQ(nearest("INFO", words), "info");
  EXPECT_EQ(nearest("err", words), "error");
  EXPECT_EQ(nearest("fatal", words), "");
}

TEST(hints, nearest_guesses_typing_errors_only) {
  std::vector<std::string_view> const keys{"timeout", "max_in_flight", "url", "ca_file"};
  EXPECT_EQ(nearest("timout", keys), "timeout");
  EXPECT_EQ(nearest("time_out", keys), "timeout");
  EXPECT_EQ(nearest("max_inflight", keys), "max_in_flight");
  EXPECT_EQ(nearest("ulr", keys), "url");
  EXPECT_EQ(nearest("bananas", keys), "");
  EXPECT_EQ(nearest("timeout", {}), "");
}

}  // namespace
}  // namespace gateway::hints_test
