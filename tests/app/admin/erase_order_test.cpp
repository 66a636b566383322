#include "app/admin/erase_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace gateway::erase_order_test {
namespace {

std::string read(std::string_view content, bool has_query = false, bool is_coded = false) {
  std::string_view why_not;
  auto const party = read_erase(has_query, is_coded, content, why_not);
  return party ? std::string{party->reveal()} : "refused: " + std::string{why_not};
}

TEST(erase_order, takes_the_number_as_text_or_as_json) {
  for (std::string_view const content : {"+4930123456", "+49 30 123456\n", R"({"number":"+4930123456"})",
                                         " {\n \"number\" : \"tel:+4930123456\" }\n", R"({"number":"\u002b4930123456"})"})
    EXPECT_EQ(read(content), "+4930123456") << content;
  EXPECT_EQ(read(R"({"number":"sip:alice@EXAMPLE.com"})"), "alice@example.com");
}

TEST(erase_order, whatever_else_comes_is_refused_and_not_repeated) {
  for (std::string const content :
       {"", "{}", "[]", "\"\"", "null", R"({"number":null})", R"({"number":4930123456})", R"({"number":["+4930123456"]})",
        R"({"number":"+4930123456","number":"+4930123456"})", R"({"number":"+4930123456","all":true})", R"({"numbers":"+4930123456"})",
        R"({"number":"+4930123456"}x)", R"({"number":"+4930123456")", R"({"number":""})", R"({"number":"1"})", R"(["+4930123456"])",
        R"("+4930123456")", R"({"number":{"number":"+4930123456"}})"}) {
    auto const said = read(content);
    EXPECT_THAT(said, testing::StartsWith("refused: ")) << content;
    EXPECT_THAT(said, testing::Not(testing::HasSubstr("4930123456"))) << content;
  }
  EXPECT_THAT(read(std::string(16 * 1024, '1')), testing::StartsWith("refused: "));
  EXPECT_THAT(read("+4930123456", true), testing::HasSubstr("URLs are logged"));
  EXPECT_THAT(read("+4930123456", false, true), testing::HasSubstr("Content-Encoding"));
}

}  // namespace
}  // namespace gateway::erase_order_test
