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

std::optional<wall_time> parse_http_date(std::string_view text) {
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
