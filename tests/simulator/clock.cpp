#include "clock.hpp"

#include <cstdio>

namespace simulator {
namespace {

using namespace std::chrono;

struct calendar {
  year_month_day date;
  hh_mm_ss<seconds> time;
  weekday day;
};

calendar split(sim_time at) {
  const auto midnight = floor<days>(at);
  return {year_month_day{midnight}, hh_mm_ss{floor<seconds>(at - midnight)}, weekday{midnight}};
}

}  // namespace

sim_time simulated_clock::now(real_time at) const {
  const duration<double, std::milli> elapsed = at - anchor_;
  return base_ + floor<milliseconds>(elapsed * speed_);
}

std::optional<real_time> simulated_clock::real_time_of(sim_time due, real_time at) const {
  const duration<double, std::milli> left = due - now(at);
  if (left <= left.zero()) return at;
  // A wait of more than a day is as good as never: a change of the clock is looked at when it comes.
  if (speed_ <= 0 || left / speed_ > hours{24}) return {};
  return at + ceil<milliseconds>(left / speed_);
}

void simulated_clock::set_speed(real_time at, double speed) {
  base_ = now(at);
  anchor_ = at;
  speed_ = speed;
}

void simulated_clock::advance(real_time at, milliseconds by) {
  base_ = now(at) + by;
  anchor_ = at;
}

std::string to_rfc3339(sim_time at) {
  const calendar c = split(at);
  char text[40];
  const int size =
      std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(c.date.year()),
                    static_cast<unsigned>(c.date.month()), static_cast<unsigned>(c.date.day()), static_cast<int>(c.time.hours().count()),
                    static_cast<int>(c.time.minutes().count()), static_cast<int>(c.time.seconds().count()));
  return {text, static_cast<std::size_t>(size)};
}

std::string to_rfc3339_ms(sim_time at) {
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>((at - floor<seconds>(at)).count()));
  std::string text = to_rfc3339(at);
  text.pop_back();
  return text + fraction;
}

std::string to_http_date(sim_time at) {
  static constexpr const char* day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const calendar c = split(at);
  char text[48];
  const int size = std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT", day_names[c.day.c_encoding()],
                                 static_cast<unsigned>(c.date.day()), month_names[static_cast<unsigned>(c.date.month()) - 1],
                                 static_cast<int>(c.date.year()), static_cast<int>(c.time.hours().count()),
                                 static_cast<int>(c.time.minutes().count()), static_cast<int>(c.time.seconds().count()));
  return {text, static_cast<std::size_t>(size)};
}

std::optional<sim_time> parse_rfc3339(std::string_view text) {
  int y, hour, minute, second, end = 0;
  unsigned m, d;
  const std::string copy{text};
  if (std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2d:%2d:%2dZ%n", &y, &m, &d, &hour, &minute, &second, &end) != 6 ||
      static_cast<std::size_t>(end) != copy.size())
    return {};
  const year_month_day date{year{y}, month{m}, day{d}};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return {};
  return sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
}

}  // namespace simulator
