#include "core/base/ids.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <type_traits>

namespace gateway::ids_test {
namespace {

static_assert(!std::is_default_constructible_v<call_sid>, "an identifier exists only if it was parsed");
static_assert(!std::is_convertible_v<call_sid, account_sid>);

constexpr std::string_view good = "CA0123456789abcdefABCDEF0123456789";

TEST(ids, keeps_the_exact_spelling) {
  auto const parsed = call_sid::parse(good);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->view(), good);
}

TEST(ids, two_spellings_are_two_identifiers) {
  EXPECT_NE(call_sid::parse("CAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), call_sid::parse("CAAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
  EXPECT_EQ(call_sid::parse(good), call_sid::parse(good));
  EXPECT_EQ(call_sid::parse("CA0123456789abcdefABCDEF0123456789")->lower().view(), "CA0123456789abcdefabcdef0123456789");
  EXPECT_TRUE(same_call(*call_sid::parse(good), call_sid::parse(good)->lower()));
  EXPECT_FALSE(same_call(*call_sid::parse(good), *call_sid::parse(std::string{good.substr(0, 33)} + "0")));
}

TEST(ids, every_single_wrong_byte_is_refused) {
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text{good};
      text[at] = static_cast<char>(byte);
      bool const right = at == 0 ? byte == 'C' : at == 1 ? byte == 'A' : byte < 128 && std::isxdigit(byte) != 0;
      ASSERT_EQ(call_sid::parse(text).has_value(), right) << at << " " << byte;
    }
  }
}

TEST(ids, only_the_exact_length_and_prefix) {
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(call_sid::parse(good.substr(0, size)));
  EXPECT_FALSE(call_sid::parse(std::string{good} + "0"));
  EXPECT_FALSE(call_sid::parse("ca0123456789abcdefABCDEF0123456789"));
  EXPECT_FALSE(call_sid::parse("AC0123456789abcdefABCDEF0123456789"));
  EXPECT_TRUE(account_sid::parse("AC0123456789abcdefABCDEF0123456789"));
  EXPECT_FALSE(account_sid::parse(good));
}

}  // namespace
}  // namespace gateway::ids_test
