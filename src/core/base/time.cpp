#include "core/base/time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/base/text.hpp"

namespace gateway {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> months_of_year{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes exactly `digits` digits from the front; after nullopt `rest` is unspecified.
std::optional<int> take_number(std::string_view& rest, std::size_t digits) {
  if (rest.size() < digits) return std::nullopt;
  auto const number = parse_decimal(rest.substr(0, digits));
  rest.remove_prefix(digits);
  if (!number) return std::nullopt;
  return static_cast<int>(*number);
}

bool take(std::string_view& rest, char expected) {
  if (rest.empty() || rest.front() != expected) return false;
  rest.remove_prefix(1);
  return true;
}

// "Z" or "+hh:mm": the offset to subtract to get UTC.
std::optional<minutes> take_offset(std::string_view rest) {
  if (rest == "Z" || rest == "z") return minutes{0};
  if (rest.empty() || (rest.front() != '+' && rest.front() != '-')) return std::nullopt;
  int const sign = rest.front() == '+' ? 1 : -1;
  rest.remove_prefix(1);
  auto const hour = take_number(rest, 2);
  if (!hour || *hour > 23 || !take(rest, ':')) return std::nullopt;
  auto const minute = take_number(rest, 2);
  if (!minute || *minute > 59 || !rest.empty()) return std::nullopt;
  return sign * (hours{*hour} + minutes{*minute});
}

constexpr std::array<std::string_view, 7> days_of_week{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

std::optional<wall_time> parse_imf_fixdate(std::string_view text) {
  // "Sun, 06 Nov 1994 08:49:37 GMT": each part has a fixed position. Any other error shows when the date is formatted again and compared.
  if (text.size() != 29) return std::nullopt;
  auto const number = [&](std::size_t at, std::size_t digits) {
    return static_cast<int>(parse_decimal(text.substr(at, digits)).value_or(9999));
  };
  auto const found = std::ranges::find(months_of_year, text.substr(8, 3));
  auto const mo = static_cast<unsigned>(found - months_of_year.begin()) + 1;
  year_month_day const date{year{number(12, 4)}, month{mo}, day{static_cast<unsigned>(number(5, 2))}};
  if (!date.ok() || date.year() < year{1700} || date.year() > year{2200}) return std::nullopt;
  wall_time const read = sys_days{date} + hours{number(17, 2)} + minutes{number(20, 2)} + seconds{number(23, 2)};
  return date_field(read).view() == text ? std::optional{read} : std::nullopt;
}

// The parts of an obsolete form, put together as an IMF-fixdate.
std::optional<wall_time> parse_parts(std::string_view weekday, std::string_view day, std::string_view month, std::string_view year,
                                     std::string_view time) {
  std::string imf;
  imf.append(weekday.substr(0, 3)).append(", ").append(day).append(" ").append(month).append(" ");
  return parse_imf_fixdate(imf.append(year).append(" ").append(time).append(" GMT"));
}

// "Sun Nov  6 08:49:37 1994"
std::optional<wall_time> parse_asctime(std::string_view text) {
  if (text.size() != 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' || text[19] != ' ') return std::nullopt;
  std::string day{text.substr(8, 2)};
  if (day[0] == ' ') day[0] = '0';
  return parse_parts(text.substr(0, 3), day, text.substr(4, 3), text.substr(20), text.substr(11, 8));
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
std::optional<wall_time> parse_rfc850(std::string_view text, wall_time now) {
  auto const comma = text.find(", ");
  auto const name = text.substr(0, comma);
  if (comma == std::string_view::npos || std::ranges::find(days_of_week, name) == days_of_week.end()) return std::nullopt;
  auto const rest = text.substr(comma + 2);
  if (rest.size() != 22 || rest[2] != '-' || rest[6] != '-' || rest[9] != ' ' || !rest.ends_with(" GMT")) return std::nullopt;
  auto const two_digits = parse_decimal(rest.substr(7, 2));
  if (!two_digits) return std::nullopt;
  // A date that appears to be more than 50 years ahead is in the past (RFC 9110 §5.6.7). Where the day of the week fits only one of the
  // two years, that is the year.
  auto const until = static_cast<int>(year_month_day{floor<days>(now)}.year()) + 50;
  auto const stated = [&](int full_year) {
    return parse_parts(name, rest.substr(0, 2), rest.substr(3, 3), std::to_string(full_year), rest.substr(10, 8));
  };
  auto const latest = until - (until % 100 - static_cast<int>(*two_digits) + 100) % 100;
  auto const read = stated(latest);
  bool const is_past = latest == until && (!read || *read - years{50} > now);
  return is_past ? stated(latest - 100) : read;
}

}  // namespace

std::optional<wall_time> parse_rfc3339(std::string_view text) {
  auto rest = text;
  auto const y = take_number(rest, 4);
  if (!y || !take(rest, '-')) return std::nullopt;
  auto const mo = take_number(rest, 2);
  if (!mo || !take(rest, '-')) return std::nullopt;
  auto const d = take_number(rest, 2);
  if (!d || rest.empty() || (rest.front() != 'T' && rest.front() != 't')) return std::nullopt;
  rest.remove_prefix(1);
  auto const h = take_number(rest, 2);
  if (!h || *h > 23 || !take(rest, ':')) return std::nullopt;
  auto const mi = take_number(rest, 2);
  if (!mi || *mi > 59 || !take(rest, ':')) return std::nullopt;
  auto const s = take_number(rest, 2);
  if (!s || *s > 60) return std::nullopt;  // 60: a leap second
  year_month_day const date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok()) return std::nullopt;
  if (take(rest, '.')) {  // a fraction is below the resolution of one second
    auto const end = rest.find_first_not_of("0123456789");
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(end);
  }
  auto const offset = take_offset(rest);
  if (!offset) return std::nullopt;
  // Years outside the nanosecond clock's range (1678 … 2261) would overflow.
  if (*y < 1700 || *y > 2200) return std::nullopt;
  return wall_time{sys_days{date}} + hours{*h} + minutes{*mi} + seconds{*s} - *offset;
}

std::string rfc3339_of(wall_time at) {
  auto const day = floor<days>(at);
  year_month_day const date{day};
  hh_mm_ss const time{floor<milliseconds>(at - day)};
  std::array<char, 32> text{};
  auto const size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                                  static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::optional<wall_time> parse_http_date(std::string_view text, wall_time now) {
  if (auto const read = parse_imf_fixdate(text)) return read;
  if (auto const read = parse_asctime(text)) return read;
  return parse_rfc850(text, now);
}

std::string http_date(wall_time at) { return std::string{date_field(at).view()}; }

date_chars date_field(wall_time at) {
  static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  auto const second = floor<seconds>(at);
  auto const midnight = floor<std::chrono::days>(second);
  year_month_day const date{midnight};
  hh_mm_ss const time{second - midnight};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", days[weekday{midnight}.c_encoding()],
                static_cast<unsigned>(date.day()), months_of_year[static_cast<unsigned>(date.month()) - 1].data(),
                static_cast<int>(date.year()), static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return std::string_view{text.data()};
}

}  // namespace gateway
