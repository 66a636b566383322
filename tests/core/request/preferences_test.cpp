// How long a client prefers to wait.
#include "core/request/preferences.hpp"

#include <gtest/gtest.h>

namespace gateway::preferences_test {
namespace {

using namespace std::chrono_literals;
using wait = std::optional<std::chrono::seconds>;

TEST(preferences, every_form_of_wait) {
  static constexpr struct {
    std::string_view prefer;
    wait expected;
  } rows[] = {
      {"", {}},
      {"wait=3", 3s},
      {"WAIT = 3", 3s},
      {"wait=\"3\"", 3s},
      {"respond-async, wait=3", 3s},
      {"return=minimal; foo=bar, wait=3; x", 3s},
      {"wait=99999999999999999999", 24h},
      // Of several the first one counts, readable or not.
      {"wait=5, wait=3", 5s},
      {"wait=x, wait=3", {}},
      {"wait", {}},
      {"wait=0", {}},
      {"wait=3.5", {}},
      {"wait=-3", {}},
      {"await=3", {}},
      {"foo=\"wait=3\"", {}},
  };
  for (auto const& one : rows) EXPECT_EQ(preferred_wait(one.prefer), one.expected) << one.prefer;
}

TEST(preferences, several_lines_are_one_list) {
  field_lines lines;
  lines.add("respond-async");
  lines.add("wait=4");
  lines.add("wait=2");
  EXPECT_EQ(preferred_wait(lines), 4s);
}

}  // namespace
}  // namespace gateway::preferences_test
