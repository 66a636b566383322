// What a service manager passes to the gateway, read as its manual says, and the messages that the gateway sends back.
#include "core/base/supervision.hpp"

#include <gtest/gtest.h>

#include <array>

namespace gateway::supervision_test {
namespace {

using namespace std::chrono_literals;

TEST(supervision, sockets_are_ours_only_if_they_are_for_this_process) {
  struct row {
    std::string_view pid, count;
    std::size_t expected;
  };
  static constexpr row rows[] = {
      {"42", "1", 1},       {"42", "7", 7},    {"41", "1", 0},  {"", "1", 0},    {"42", "", 0},
      {"42", "0", 0},       {"42", "-1", 0},   {"42x", "1", 0}, {"42", "1x", 0}, {"42", "99999999999999999999", 0},
      {"42", "1024", 1024}, {"42", "1025", 0},
  };
  for (auto const& [pid, count, expected] : rows) EXPECT_EQ(inherited_count(pid, count, 42), expected) << pid << ' ' << count;
}

TEST(supervision, the_watchdog_wants_us_or_whoever_is_asked) {
  EXPECT_EQ(watchdog_interval("30000000", "42", 42), 30s);
  EXPECT_EQ(watchdog_interval("30000000", "", 42), 30s);
  EXPECT_EQ(watchdog_interval("30000000", "41", 42), 0s);
  EXPECT_EQ(watchdog_interval("", "42", 42), 0s);
  EXPECT_EQ(watchdog_interval("soon", "", 42), 0s);
  EXPECT_EQ(watchdog_interval("18446744073709551615", "", 42), 0s) << "systemd's infinity";
}

TEST(supervision, a_lane_that_does_not_move_is_found) {
  mono_time const now{1000s};
  std::array<mono_time, 3> moved{now, now - 5s, mono_time::max()};  // the last one has ended
  EXPECT_EQ(stuck_lane(moved, now, 5s), std::nullopt);
  EXPECT_EQ(stuck_lane(moved, now + 1ns, 5s), 1U);
  moved[0] = now - 6s;
  EXPECT_EQ(stuck_lane(moved, now, 5s), 0U);
  EXPECT_EQ(stuck_lane({}, now, 5s), std::nullopt);
}

TEST(supervision, messages_are_lines_that_a_status_cannot_add_to) {
  EXPECT_EQ(ready_message("listening"), "READY=1\nSTATUS=listening");
  EXPECT_EQ(stopping_message("a\nMAINPID=1"), "STOPPING=1\nSTATUS=a MAINPID=1");
  EXPECT_EQ(status_message(""), "STATUS=");
  EXPECT_EQ(reloading_message(mono_time{1s}), "RELOADING=1\nMONOTONIC_USEC=1000000\nSTATUS=reading the settings again");
}

}  // namespace
}  // namespace gateway::supervision_test
