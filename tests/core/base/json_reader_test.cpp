#include "core/base/json_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace gateway::json_reader_test {
namespace {

TEST(json_reader, shows_each_member_and_item_in_order) {
  json_reader reader;
  auto const root = reader.parse(R"([{"a":1,"b":"x","a":null},[2]])");
  ASSERT_TRUE(root);
  std::string seen;
  EXPECT_TRUE(root->each_item([&](json_value item) {
    bool const is_object = item.each_member([&](std::string_view key, json_value value) {
      seen.append(key).append("=").append(value.is_null() ? "null" : value.text() ? *value.text() : std::to_string(*value.whole_number()));
      seen += ' ';
    });
    if (!is_object) seen += "list ";
  }));
  EXPECT_EQ(seen, "a=1 b=x a=null list ");
}

TEST(json_reader, what_is_no_whole_json_text_is_nothing) {
  json_reader reader;
  for (auto const* const text : {"", " ", "[", "[1,]", "{\"a\":}", "[1] x", "\xef\xbb\xbf[]", "[\"\xff\"]", "[01]"}) {
    EXPECT_FALSE(reader.parse(text)) << text;
  }
  EXPECT_FALSE(reader.parse(std::string(100, '[') + std::string(100, ']'))) << "too deep";
  reader.forget();
  EXPECT_TRUE(reader.parse("[]")) << "a refused text harms no later one";
}

TEST(json_reader, other_types_are_nothing) {
  json_reader reader;
  auto const root = reader.parse(R"("text")");
  ASSERT_TRUE(root);
  EXPECT_FALSE(root->whole_number());
  EXPECT_FALSE(root->is_null());
  EXPECT_FALSE(root->each_item([](json_value) { ADD_FAILURE(); }));
  EXPECT_FALSE(root->each_member([](std::string_view, json_value) { ADD_FAILURE(); }));
}

}  // namespace
}  // namespace gateway::json_reader_test
