// The Retry-After that the upstream sends, and how much of it is accepted.
#include "core/upstream/retry_after.hpp"

#include <gtest/gtest.h>

namespace gateway::retry_after_test {
namespace {

using namespace std::chrono_literals;

const wall_time now = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", {});

TEST(retry_after, is_made_credible) {
  struct row {
    std::string_view text;
    int expected;  // seconds; -1: none
  };
  static constexpr row rows[] = {
      {"1", 1},
      {"29", 29},
      {"030", 30},
      {"0", 1},
      {"31", 30},
      {"561635", 30},
      {"99999999999999999999999999", 30},
      {"Sun, 06 Nov 1994 08:49:47 GMT", 10},
      {"Sun, 06 Nov 1994 08:49:30 GMT", 1},   // already past
      {"Tue, 06 Nov 2029 08:49:37 GMT", 30},  // one of the two clocks is wrong
      {"Sun, 06 Nov 1718 08:49:37 GMT", 1},   // too early for nanoseconds
      {"", -1},
      {"-1", -1},
      {"+1", -1},
      {"1.5", -1},
      {"1 s", -1},
      {"soon", -1},
      {"Sun, 06 Nov 1994 08:49:47", -1},
      {"Mon, 06 Nov 1994 08:49:47 GMT", -1},  // not a Monday
      {"Sunday, 06-Nov-94 08:49:47 GMT", 10},
      {"Sun Nov  6 08:49:47 1994", 10},
      {"Sun, 06-Nov-94 08:49:47 GMT", -1},  // RFC 850 writes the day in full
      {"Monday, 06-Nov-94 08:49:47 GMT", -1},
      {"Sunday, 06-Nov-1994 08:49:47 GMT", -1},
      {"Sun Nov 6 08:49:47 1994", -1},  // asctime pads the day
      {"Sun Nov  6 08:49:47 1994 GMT", -1},
  };
  for (auto const& r : rows) {
    auto const found = parse_retry_after(r.text, now, 30s);
    EXPECT_EQ(found ? found->count() : -1, r.expected) << r.text;
  }
}

TEST(retry_after, in_an_answer_is_replaced_or_goes) {
  auto const passthrough = [](std::vector<answer_field> fields) {
    upstream_answer answer;
    answer.fields = std::move(fields);
    clamp_retry_after(answer, now, 30s);
    std::string text;
    for (auto const& f : answer.fields) text.append(f.name).append("=").append(f.value).append(";");
    return text;
  };
  EXPECT_EQ(passthrough({{"A", "b"}}), "A=b;");
  EXPECT_EQ(passthrough({{"A", "b"}, {"retry-after", "7"}}), "A=b;Retry-After=7;");
  EXPECT_EQ(passthrough({{"Retry-After", "561635"}, {"A", "b"}}), "A=b;Retry-After=30;");
  EXPECT_EQ(passthrough({{"Retry-After", "-1"}, {"A", "b"}}), "A=b;");
  EXPECT_EQ(passthrough({{"Retry-After", "5"}, {"RETRY-AFTER", "900"}}), "Retry-After=5;");
}

}  // namespace
}  // namespace gateway::retry_after_test
