#include "core/base/time.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway::time_test {
namespace {

using namespace std::chrono_literals;

std::string read_again(std::string_view text) {
  auto const parsed = parse_rfc3339(text);
  return parsed ? http_date(*parsed) : "refused";
}

TEST(time, writes_rfc3339_in_utc_with_milliseconds) {
  EXPECT_EQ(rfc3339_of(*parse_rfc3339("2024-02-29T23:59:59+02:00") + 7ms), "2024-02-29T21:59:59.007Z");
  EXPECT_EQ(rfc3339_of(wall_time{} - 1ns), "1969-12-31T23:59:59.999Z");
}

TEST(time, reads_rfc3339) {
  struct row {
    std::string_view text;
    std::string_view expected;  // in the form of http_date
  };
  static constexpr row rows[] = {
      {"2026-01-09T00:34:49Z", "Fri, 09 Jan 2026 00:34:49 GMT"},
      {"1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"},
      {"2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 GMT"},
      {"2026-01-09t00:34:49z", "Fri, 09 Jan 2026 00:34:49 GMT"},
      {"2026-01-09T00:34:49.123456789Z", "Fri, 09 Jan 2026 00:34:49 GMT"},
      {"2026-01-09T00:34:49.9Z", "Fri, 09 Jan 2026 00:34:49 GMT"},
      {"2026-01-09T00:34:49+00:00", "Fri, 09 Jan 2026 00:34:49 GMT"},
      {"2026-01-09T00:34:49-00:00", "Fri, 09 Jan 2026 00:34:49 GMT"},
      {"2026-01-09T00:34:49+05:30", "Thu, 08 Jan 2026 19:04:49 GMT"},
      {"2026-01-09T00:34:49-08:00", "Fri, 09 Jan 2026 08:34:49 GMT"},
      {"2016-12-31T23:59:60Z", "Sun, 01 Jan 2017 00:00:00 GMT"},  // a leap second
      {"1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"},
      {"2023-02-29T00:00:00Z", "refused"},  // no leap year
      {"1900-02-29T00:00:00Z", "refused"},
      {"2026-13-01T00:00:00Z", "refused"},
      {"2026-00-01T00:00:00Z", "refused"},
      {"2026-01-00T00:00:00Z", "refused"},
      {"2026-01-32T00:00:00Z", "refused"},
      {"2026-01-09T24:00:00Z", "refused"},
      {"2026-01-09T00:60:00Z", "refused"},
      {"2026-01-09T00:00:61Z", "refused"},
      {"2026-01-09 00:34:49Z", "refused"},
      {"2026-01-09T00:34:49", "refused"},  // without a time zone
      {"2026-01-09T00:34:49.Z", "refused"},
      {"2026-01-09T00:34:49.5", "refused"},
      {"2026-01-09T00:34:49Zx", "refused"},
      {"2026-01-09T00:34:49+24:00", "refused"},
      {"2026-01-09T00:34:49+05:60", "refused"},
      {"2026-01-09T00:34:49+0530", "refused"},
      {"2026-01-09T00:34:49+05", "refused"},
      {"2026-1-9T00:34:49Z", "refused"},
      {"+026-01-09T00:34:49Z", "refused"},
      {"2026-01-09T-1:34:49Z", "refused"},
      {"Fri, 09 Jan 2026 00:34:49 GMT", "refused"},
      {"0000-01-01T00:00:00Z", "refused"},  // out of range for a nanosecond clock
      {"9999-12-31T23:59:59Z", "refused"},
      {"", "refused"},
  };
  for (auto const& r : rows) EXPECT_EQ(read_again(r.text), r.expected) << r.text;
}

TEST(time, reads_no_part_of_a_timestamp) {
  static constexpr std::string_view whole = "2026-01-09T00:34:49.25+05:30";
  ASSERT_TRUE(parse_rfc3339(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(parse_rfc3339(whole.substr(0, size))) << size;
}

TEST(time, writes_imf_fixdate_for_every_weekday_and_month) {
  static constexpr std::string_view days = "SunMonTueWedThuFriSat";
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  // 1 January 2023 was a Sunday.
  for (int day = 0; day < 365; ++day) {
    std::chrono::sys_days const at = std::chrono::sys_days{std::chrono::year{2023} / 1 / 1} + std::chrono::days{day};
    std::chrono::year_month_day const date{at};
    auto const text = http_date(at + 1h + 2min + 3s + 999ms);
    ASSERT_EQ(text.size(), 29u) << text;
    EXPECT_EQ(text.substr(0, 3), days.substr(static_cast<std::size_t>(day % 7) * 3, 3)) << text;
    EXPECT_EQ(text.substr(8, 3), months.substr((static_cast<unsigned>(date.month()) - 1) * 3, 3)) << text;
    EXPECT_EQ(std::stoul(text.substr(5, 2)), static_cast<unsigned>(date.day())) << text;
    EXPECT_EQ(text.substr(11), " 2023 01:02:03 GMT") << text;
  }
}

TEST(time, dates_before_1970_round_down) { EXPECT_EQ(http_date(wall_time{-1ns}), "Wed, 31 Dec 1969 23:59:59 GMT"); }

TEST(time, whole_seconds_round_down_and_are_never_negative) {
  EXPECT_EQ(whole_seconds(1999ms), 1s);
  EXPECT_EQ(whole_seconds(0ns), 0s);
  EXPECT_EQ(whole_seconds(-1ns), 0s);
  EXPECT_EQ(whole_seconds(-1h), 0s);
}

}  // namespace
}  // namespace gateway::time_test
