#include "core/base/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::text_test {
namespace {

using namespace std::string_view_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(text, token_characters_are_those_of_rfc9110) {
  static constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  for (int i = 0; i < 256; ++i) {
    char const c = static_cast<char>(i);
    bool const expected =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c != 0 && others.find(c) != others.npos);
    EXPECT_EQ(is_token_char(c), expected) << i;
    EXPECT_EQ(is_token(std::string_view{&c, 1}), expected) << i;
  }
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("Host "));
}

TEST(text, field_values_hold_no_control_byte_but_tab) {
  for (int i = 0; i < 256; ++i) {
    std::string const value{'a', static_cast<char>(i), 'b'};
    EXPECT_EQ(is_field_value(value), i == '\t' || (i >= 0x20 && i != 0x7f)) << i;
  }
  EXPECT_TRUE(is_field_value(""));
}

// Text is compared eight bytes at a time; a difference must be found at every position.
TEST(text, one_byte_decides_wherever_it_is) {
  for (std::size_t size = 1; size <= 33; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      for (int i = 0; i < 256; ++i) {
        char const c = text[at] = static_cast<char>(i);
        EXPECT_EQ(is_field_value(text), i == '\t' || (i >= 0x20 && i != 0x7f)) << size << ' ' << at << ' ' << i;
        EXPECT_EQ(is_token(text), is_token_char(c)) << size << ' ' << at << ' ' << i;
        EXPECT_EQ(iequals(text, std::string(size, 'X')), c == 'x' || c == 'X') << size << ' ' << at << ' ' << i;
      }
      text[at] = 'y';
      EXPECT_FALSE(iequals(text, std::string(size, 'x'))) << size << ' ' << at;
    }
  }
}

TEST(text, iequals_folds_as_lower_does_for_every_pair_of_bytes) {
  for (int i = 0; i < 256; ++i) {
    for (int j = 0; j < 256; ++j) {
      std::string const a{'a', static_cast<char>(i), 'b', 'c', 'd', 'e', 'f', 'g', 'h'};
      std::string const b{'A', static_cast<char>(j), 'B', 'C', 'D', 'E', 'F', 'G', 'H'};
      EXPECT_EQ(iequals(a, b), lower(a[1]) == lower(b[1])) << i << ' ' << j;
      EXPECT_EQ(iequals(a.substr(0, 3), b.substr(0, 3)), lower(a[1]) == lower(b[1])) << i << ' ' << j;
    }
  }
}

TEST(text, iequals_folds_ascii_letters_only) {
  EXPECT_TRUE(iequals("Content-LENGTH", "content-length"));
  EXPECT_FALSE(iequals("content-length", "content-lengt"));
  EXPECT_FALSE(iequals("[", "{"));  // 0x5b and 0x7b differ in one bit, like letters of different case
  EXPECT_FALSE(iequals("@", "`"));
  EXPECT_FALSE(iequals("\xc9", "\xe9"));           // É and é in Latin-1
  EXPECT_FALSE(iequals("K"sv, "\xe2\x84\xaa"sv));  // the Kelvin sign
}

TEST(text, trim_ows_takes_space_and_tab_only) {
  EXPECT_EQ(trim_ows(" \t a b \t "), "a b");
  EXPECT_EQ(trim_ows(" \t "), "");
  EXPECT_EQ(trim_ows("\r\na\v"), "\r\na\v");
  EXPECT_EQ(trim_ows("\0a"sv), "\0a"sv);
}

TEST(text, list_elements_are_trimmed_and_empty_ones_skipped) {
  auto const elements = [](std::string_view list) {
    std::vector<std::string_view> seen;
    for_each_element(list, [&](std::string_view element) { seen.push_back(element); });
    return seen;
  };
  EXPECT_THAT(elements("close"), ElementsAre("close"));
  EXPECT_THAT(elements(" a ,b\t,, ,c,"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(elements(""), IsEmpty());
  EXPECT_THAT(elements(" , ,"), IsEmpty());
}

TEST(text, parse_decimal_takes_digits_only) {
  struct row {
    std::string_view text;
    std::optional<std::uint64_t> expected;
  };
  static constexpr row rows[] = {
      {"0", 0},
      {"007", 7},
      {"18446744073709551615", std::numeric_limits<std::uint64_t>::max()},
      {"18446744073709551616", std::nullopt},
      {"99999999999999999999999999", std::nullopt},
      {"", std::nullopt},
      {"+5", std::nullopt},
      {"-5", std::nullopt},
      {" 5", std::nullopt},
      {"5 ", std::nullopt},
      {"0x5", std::nullopt},
      {"5.0", std::nullopt},
      {"5e3", std::nullopt},
      {"5,5", std::nullopt},
      {"\xd9\xa5", std::nullopt},  // ARABIC-INDIC DIGIT FIVE
  };
  for (auto const& r : rows) EXPECT_EQ(parse_decimal(r.text), r.expected) << r.text;
  EXPECT_EQ(parse_decimal("5\0"sv), std::nullopt);
}

TEST(text, append_number_writes_the_extremes) {
  std::string out;
  append_number(out, std::numeric_limits<std::uint64_t>::max());
  append_number(out, std::numeric_limits<std::int64_t>::min());
  append_number(out, 0);
  EXPECT_EQ(out, "18446744073709551615-92233720368547758080");
}

TEST(text, percent_encodes_all_but_unreserved_bytes) {
  std::string out = "q=";
  append_percent_encoded(out, std::string_view{"aZ09-._~ &=+%\xc3\n", 15});
  EXPECT_EQ(out, "q=aZ09-._~%20%26%3D%2B%25%C3%0A");
}

TEST(text, hex_of_writes_two_digits_for_each_byte) {
  EXPECT_EQ(hex_of(""), "");
  EXPECT_EQ(hex_of(std::string_view{"\x00\x7f\x80\xff\x0a", 5}), "007f80ff0a");
}

TEST(text, append_hex_writes_every_digit) {
  std::string out;
  append_hex(out, 0);
  append_hex(out, 0x0123'4567'89ab'cdef);
  EXPECT_EQ(out, "00000000000000000123456789abcdef");
}

TEST(text, json_is_utf8_whatever_the_bytes_are) {
  struct row {
    std::string_view bytes, written;
  };
  static constexpr std::string_view bad = "\xef\xbf\xbd";  // U+FFFD
  static constexpr row rows[] = {
      {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\x9e", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\x9e"},
      {"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"},
      {"\xff", bad},
      {"\x80", bad},
      {"\xc3", bad},
      {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},  // overlong
      {"\xe0\x80\xaf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // a surrogate
      {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
  };
  for (auto const& r : rows) {
    std::string out;
    append_json_escaped(out, std::string{"a"}.append(r.bytes).append("\"b"));
    EXPECT_EQ(out, std::string{"a"}.append(r.written).append("\\\"b"));
  }
}

TEST(text, json_escaping_leaves_no_quote_and_no_control_byte) {
  std::string out;
  append_json_escaped(out, "a\"b\\c\r\n\t\0\x1b[31m\x7f é"sv);
  EXPECT_EQ(out, R"(a\"b\\c\u000d\u000a\u0009\u0000\u001b[31m\u007f é)");
}

}  // namespace
}  // namespace gateway::text_test
