#include "core/request/query.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::query_test {
namespace {

TEST(query, an_escape_stands_for_one_character) {
  EXPECT_TRUE(decodes_to("", ""));
  EXPECT_TRUE(decodes_to("Page", "Page"));
  EXPECT_TRUE(decodes_to("%50age", "Page"));
  EXPECT_TRUE(decodes_to("P%61%67e", "Page"));
  EXPECT_TRUE(decodes_to("%4a%4A", "JJ"));
  EXPECT_TRUE(decodes_to("100%25", "100%"));
  EXPECT_FALSE(decodes_to("", "Page"));
  EXPECT_FALSE(decodes_to("%50", "Page"));
  EXPECT_FALSE(decodes_to("%50ages", "Page"));
  EXPECT_FALSE(decodes_to("%70age", "Page")) << "case counts";
  EXPECT_FALSE(decodes_to("%2550age", "Page")) << "decoded once only";
  EXPECT_FALSE(decodes_to("a+b", "a b")) << "a plus is a plus";
}

TEST(query, what_is_no_escape_stands_for_itself) {
  for (std::string const text : {"%", "%5", "%5g", "a%", "%%50"}) EXPECT_FALSE(decodes_to(text, "P")) << text;
  EXPECT_TRUE(decodes_to("%zz", "%zz"));
}

TEST(query, encoded_control_characters_are_noticed) {
  for (std::string const text : {"%00", "a%0ab", "%1F", "%7f", "%41%0D"}) EXPECT_TRUE(encodes_control(text)) << text;
  for (std::string const text : {"", "abc", "%20", "%7e", "%2500", "%C3%A9", "%0", "%"}) EXPECT_FALSE(encodes_control(text)) << text;
}

TEST(query, a_value_is_decoded_once) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("uid%201000"), "uid 1000");
  EXPECT_EQ(decoded("2001:db8::/64"), "2001:db8::/64");
  EXPECT_EQ(decoded("a%2520+%"), "a%20+%") << "what is no escape stays";
}

}  // namespace
}  // namespace gateway::query_test
