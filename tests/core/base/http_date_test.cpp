// HTTP dates in their three forms (RFC 9110 §5.6.7).
#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <random>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace gateway::http_date_test {
namespace {

using namespace std::chrono;

// Written by the C library, which shares no code with the gateway.
std::string written(wall_time at, const char* form) {
  auto const second = system_clock::to_time_t(time_point_cast<system_clock::duration>(at));
  std::tm parts{};
  gmtime_r(&second, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), form, &parts)};
}

constexpr auto imf = "%a, %d %b %Y %H:%M:%S GMT";
constexpr auto rfc850 = "%A, %d-%b-%y %H:%M:%S GMT";
constexpr auto ansi_c = "%a %b %e %H:%M:%S %Y";
constexpr std::array forms{imf, rfc850, ansi_c};

TEST(http_dates, any_moment_in_any_form_is_read_as_that_moment) {
  std::mt19937_64 random{17};
  for (int i = 0; i < 3000; ++i) {
    auto const now = wall_time{sys_days{year{1970} / 1 / 1}} + seconds{random() % (100ULL * 365 * 24 * 3600)};
    // Within the 50 years that two digits of a year can tell apart.
    auto const span = static_cast<std::int64_t>(random() % (98ULL * 365 * 24 * 3600)) - 49LL * 365 * 24 * 3600;
    auto const moment = now + seconds{span};
    for (auto const* const form : forms) {
      auto const text = written(moment, form);
      ASSERT_EQ(parse_http_date(text, now), moment) << text << " at " << http_date(now);
    }
    ASSERT_EQ(written(moment, imf), http_date(moment));
  }
}

TEST(http_dates, with_any_byte_changed_it_is_no_date_or_another_one) {
  constexpr wall_time now{sys_days{year{2026} / 11 / 29}};
  for (auto const* const form : forms) {
    auto const text = written(now, form);
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (char const other : {'\0', ' ', '0', '9', 'a', 'N', '-', ':'}) {
        auto changed = text;
        changed[at] = other;
        auto const read = parse_http_date(changed, now);
        if (!read) continue;
        // asctime's day may begin with a blank or a zero.
        bool const same_day = form == ansi_c && at == 8;
        ASSERT_TRUE(*read != now || changed == text || same_day) << changed;
      }
      ASSERT_FALSE(parse_http_date(text.substr(0, at), now)) << text.substr(0, at);
    }
    ASSERT_FALSE(parse_http_date(text + " ", now));
    ASSERT_FALSE(parse_http_date(" " + text, now));
  }
}

TEST(http_dates, two_digits_of_a_year_mean_the_nearest_that_is_not_fifty_years_ahead) {
  struct row {
    std::string_view text;
    int now;
    std::string_view expected;
  };
  static constexpr row rows[] = {
      {"Sunday, 06-Nov-94 08:49:37 GMT", 1994, "Sun, 06 Nov 1994 08:49:37 GMT"},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 2026, "Sun, 06 Nov 1994 08:49:37 GMT"},
      {"Saturday, 06-Nov-94 08:49:37 GMT", 2050, "Sat, 06 Nov 2094 08:49:37 GMT"},
      {"Saturday, 01-Jan-00 00:00:00 GMT", 2049, "Sat, 01 Jan 2000 00:00:00 GMT"},
      {"Friday, 01-Jan-00 00:00:00 GMT", 2070, "Fri, 01 Jan 2100 00:00:00 GMT"},
      {"Tuesday, 29-Feb-00 00:00:00 GMT", 2026, "Tue, 29 Feb 2000 00:00:00 GMT"},
      {"Tuesday, 31-Dec-75 23:59:59 GMT", 2026, "Tue, 31 Dec 2075 23:59:59 GMT"},
      {"Friday, 31-Dec-76 23:59:59 GMT", 2026, "Fri, 31 Dec 1976 23:59:59 GMT"},
  };
  for (auto const& r : rows) {
    auto const read = parse_http_date(r.text, wall_time{sys_days{year{r.now} / 6 / 15}});
    EXPECT_EQ(read ? http_date(*read) : "none", r.expected) << r.text << " in " << r.now;
  }
}

TEST(http_dates, what_is_none) {
  constexpr wall_time now{sys_days{year{2026} / 11 / 29}};
  for (std::string_view const text :
       {"Thu, 30 Feb 2024 00:00:00 GMT", "Thu, 29 Feb 2024 24:00:00 GMT", "Thu, 29 Feb 2024 23:60:00 GMT", "Thu, 29 Feb 2024 23:59:60 GMT",
        "Thu, 29 feb 2024 23:59:59 GMT", "Thu, 29 Feb 2024 23:59:59 UTC", "Thu, 29 Feb 9999 23:59:59 GMT", "Thu,  1 Jan 1970 00:00:00 GMT",
        "Friday, 29-Feb-24 23:59:59 GMT", "Thursday, 29-feb-24 23:59:59 GMT", "Thursday, 29 Feb 24 23:59:59 GMT",
        "Thu Feb 30 00:00:00 2024", "Thu Feb 29 23:59:59 24", "", "0", ","}) {
    EXPECT_FALSE(parse_http_date(text, now)) << text;
  }
}

}  // namespace
}  // namespace gateway::http_date_test
