// Blanks behind a chunk's size are taken out, wherever the input is cut.
#include "core/upstream/chunk_lines.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace gateway::chunk_lines_test {
namespace {

// What the parser gets to see; "…" while the line is incomplete.
std::string seen(std::string_view input) {
  chunk_lines lines;
  std::string bytes{input};
  auto const blanks = lines.take_blanks(bytes);
  return blanks ? bytes.substr(*blanks) : "…";
}

TEST(chunk_lines, blanks_at_the_end_go_and_nothing_else) {
  struct row {
    std::string_view input, seen;
  };
  static constexpr row rows[] = {
      {"5\r\nhello", "5\r\nhello"},
      {"5 \r\nhello", "5\r\nhello"},
      {"5 \t  \r\nhe  ", "5\r\nhe  "},
      {"\r\n5  \r\nhello", "\r\n5\r\nhello"},
      {"5;x=y \r\nhello", "5;x=y\r\nhello"},
      {" 5\r\nhello", " 5\r\nhello"},
      {"5 5\r\nhello", "5 5\r\nhello"},
      {"  \r\nhello", "  \r\nhello"},
      {"\r\n\r\nhello", "\r\n\r\nhello"},
      {"0 \r\n\r\n", "0\r\n\r\n"},
      {"5 \n\r\nhello", "5 \n\r\nhello"},
      {"5\v\r\nhello", "5\v\r\nhello"},
      {"5 \r", "…"},
      {"5 ", "…"},
      {"\r\n", "…"},
      {"\r", "…"},
      {"", "…"},
  };
  for (auto const& r : rows) EXPECT_EQ(seen(r.input), r.seen) << r.input;
}

TEST(chunk_lines, a_line_may_come_in_pieces) {
  static constexpr std::string_view line = "\r\n5;x=y   \r\n";
  for (std::size_t first = 0; first <= line.size(); ++first) {
    for (std::size_t second = first; second < line.size(); ++second) {
      chunk_lines lines;
      for (auto const size : {first, second}) {
        std::string part{line.substr(0, size)};
        EXPECT_FALSE(lines.take_blanks(part));
      }
      std::string whole{line};
      EXPECT_EQ(lines.take_blanks(whole), 3U) << first << " " << second;
      EXPECT_EQ(whole.substr(3), "\r\n5;x=y\r\n");
      std::string next{"\r\n5 \r\n"};
      EXPECT_EQ(lines.take_blanks(next), 1U) << "and the next line from its beginning";
    }
  }
}

}  // namespace
}  // namespace gateway::chunk_lines_test
