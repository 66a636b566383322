#include "core/base/directives.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::directives_test {
namespace {

// "no-cache|max-age=0|"
std::string directives_in(std::string_view list) {
  std::string text;
  for_each_directive(list, [&](std::string_view name, std::string_view argument) {
    text.append(name);
    if (!argument.empty()) text.append("=").append(argument);
    text += '|';
  });
  return text;
}

TEST(directives, lists) {
  struct row {
    std::string_view list;
    std::string_view expected;
  };
  static constexpr row rows[] = {
      {"", ""},
      {"no-cache", "no-cache|"},
      {"no-cache,no-store", "no-cache|no-store|"},
      {" no-cache ,\t, max-age=0 ,", "no-cache|max-age=0|"},
      {"max-age = 5", "max-age=5|"},
      {"max-age=\"5\"", "max-age=5|"},
      {"x=\"a, no-cache\", no-store", "x=a, no-cache|no-store|"},
      {R"(x="a\", no-cache", no-store)", R"(x=a\", no-cache|no-store|)"},
      {"x=\"never closed, no-cache", "x=\"never closed, no-cache|"},
      {"=5, \"\"", "\"\"|"},
      {"x=\"", "x=\"|"},
      {"max-age=", "max-age|"},
  };
  for (auto const& r : rows) EXPECT_EQ(directives_in(r.list), r.expected) << r.list;
}

TEST(directives, seconds) {
  using std::chrono::seconds;
  EXPECT_EQ(parse_delta_seconds("0"), seconds{0});
  EXPECT_EQ(parse_delta_seconds("3600"), seconds{3600});
  EXPECT_EQ(parse_delta_seconds("99999999999999999999999"), seconds{std::int64_t{1} << 31}) << "too large to be held";
  EXPECT_EQ(parse_delta_seconds("4294967296"), seconds{std::int64_t{1} << 31});
  for (auto const odd : {"", "-1", "+1", "1.5", "1s", " 1", "0x1"}) EXPECT_EQ(parse_delta_seconds(odd), std::nullopt) << odd;
}

}  // namespace
}  // namespace gateway::directives_test
